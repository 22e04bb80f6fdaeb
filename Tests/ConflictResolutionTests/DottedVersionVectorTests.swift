import NIOCore
import StatorCore
import Testing

@testable import ConflictResolution

@Suite struct DottedVersionVectorTests {
    let resolver = DottedVersionVectorResolver(settings: NoSettings())

    /// Preguiça et al. 2012: two clients write through one server without having read each other.
    @Test func twoClientsAtOneServerAreBothKept() throws {
        let first = try resolver.write("v", .nothing, at: "r", 1)
        let seenByFirst = try resolver.context(of: first)
        let both = try resolver.write("w", .nothing, over: first, at: "r", 2)
        #expect(try resolver.values(both) == ["v", "w"])

        // The first client goes on from v alone: w, which it never saw, stays beside its new value.
        let next = try resolver.write("x", seenByFirst, over: both, at: "r", 3)
        #expect(try resolver.values(next) == ["w", "x"])
        #expect(try resolver.read(next).causality == "{r/0/1f2e…: 3} siblings {r/0/1f2e…:2, r/0/1f2e…:3}")

        let all = try resolver.write("y", try resolver.context(of: next), over: next, at: "r", 4)
        #expect(try resolver.values(all) == ["y"])
    }

    @Test func staleContextAtTheSameServerSurvivesReplication() throws {
        let first = try resolver.write("a", .nothing, at: "r", 5)
        let stale = try resolver.context(of: first)
        let second = try resolver.write("b", stale, over: first, at: "r", 9)
        let third = try resolver.write("c", stale, over: second, at: "r", 30)
        #expect(try resolver.values(third) == ["b", "c"])
        for replica in [first, second] {
            #expect(try resolver.merge(replica, third) == third)
            #expect(try resolver.merge(third, replica) == third)
        }
    }

    @Test func concurrentWritesAtTwoReplicasBecomeSiblings() throws {
        let root = try resolver.write("root", .nothing, at: "a", 1)
        let left = try resolver.write("left", .held, over: root, at: "a", 7)
        let right = try resolver.write("right", .held, over: root, at: "b", 3)
        let merged = try resolver.merge(left, right)
        #expect(try resolver.values(merged) == ["left", "right"])
        let resolved = try resolver.write("both", try resolver.context(of: merged), over: root, at: "c", 2)
        #expect(try resolver.merge(merged, resolved) == resolver.merge(resolved, left))
        #expect(try resolver.values(resolver.merge(merged, resolved)) == ["both"])
    }

    @Test func deleteSupersedesWhatItSawAndStaysAsTombstone() throws {
        let value = try resolver.write("v", .nothing, at: "a", 1)
        let deleted = try resolver.write(nil, .held, over: value, at: "a", 2)
        #expect(try resolver.read(deleted).isTombstone)
        #expect(try resolver.merge(value, deleted) == deleted)

        let concurrent = try resolver.write("w", .held, over: value, at: "b", 1)
        let merged = try resolver.read(resolver.merge(deleted, concurrent))
        #expect(merged.versions.count == 2)
        #expect(merged.liveVersions.map(\.content) == [text("w")])
    }

    @Test func writeOverATombstoneSupersedesIt() throws {
        let deleted = try resolver.write(nil, .nothing, at: "a", 1)
        #expect(try resolver.values(resolver.write("v", .held, over: deleted, at: "b", 1)) == ["v"])
    }

    /// A fallback that delivered its hint holds nothing of what it issued; its next write must not claim it.
    @Test func coordinatorThatForgotTheKeyClaimsNothingOfItsEarlierWrites() throws {
        let delivered = try resolver.write("old", .nothing, at: "f", 5)
        let fresh = try resolver.write("new", .held, over: nil, at: "f", 9)
        #expect(try resolver.values(resolver.merge(delivered, fresh)) == ["old", "new"])
    }

    /// It forgot writes 5 and 9, was given 5 back by another node, and is told that it forgot.
    @Test func coordinatorThatRegainedAnOlderBodyClaimsNothingThatItForgot() throws {
        let older = try resolver.write("five", .nothing, at: "f", 5)
        let newer = try resolver.write("nine", .held, over: older, at: "f", 9)
        let later = try resolver.write("fourteen", .held, over: older, at: "f", 14, forgotAt: 11)
        #expect(try resolver.values(resolver.merge(newer, later)) == ["nine", "fourteen"])
        // Knowing better than the coordinator is enough of a sign, too.
        let client = try resolver.context(of: resolver.write("nine", .nothing, over: nil, at: "f", 9))
        let seen = try resolver.write("fourteen", client, over: older, at: "f", 14)
        let unseen = try resolver.write("twelve", .nothing, over: nil, at: "f", 12)
        #expect(try resolver.values(resolver.merge(unseen, seen)) == ["five", "twelve", "fourteen"])
    }

    @Test func metadataDoesNotGrowWithWritesOfOneCoordinator() throws {
        var body = try resolver.write("v", .nothing, at: "a", 3)
        for write in 1...200 {
            body = try resolver.write("v", .held, over: body, at: "a", UInt64(write) * 7)
        }
        #expect(body.readableBytes < 60)
    }

    @Test func contextThatKnowsTheCoordinatorsFutureIsRefused() throws {
        let ahead = try resolver.context(of: resolver.write("v", .nothing, at: "a", 10))
        for counter: UInt64 in [9, 10] {
            #expect(throws: ResolverError.self) { try resolver.write("w", ahead, at: "a", counter) }
        }
        #expect(try resolver.values(resolver.write("w", ahead, at: "a", 11)) == ["w"])
    }

    @Test func bodyThatKnowsTheCoordinatorsFutureIsRefused() throws {
        let ahead = try resolver.write("v", .nothing, at: "a", 10)
        #expect(throws: ResolverError.self) { try resolver.write("w", .held, over: ahead, at: "a", 10) }
    }

    @Test func mergeOfEqualOrDominatedBodiesCopiesNothing() throws {
        let old = try resolver.write("old", .nothing, at: "a", 1)
        let new = try resolver.write("new", .held, over: old, at: "a", 2)
        let merged = try resolver.merge(old, new)
        let isSame = merged.withUnsafeReadableBytes { one in
            new.withUnsafeReadableBytes { $0.baseAddress == one.baseAddress }
        }
        #expect(isSame)
    }

    @Test func valueAboveItsLimitIsRefused() throws {
        let long = Content(form: .raw, mediaType: String(repeating: "x", count: 256), bytes: ByteBuffer())
        let stamp = WriteStamp(dot: Dot(actor: actor("a"), counter: 1), wall: WallTime(microseconds: 0))
        #expect(throws: ResolverError.body(.tooLarge(what: "media type", found: 256, maximum: 255))) {
            try resolver.body(of: VersionWrite(content: long, basis: .nothing), over: nil, stamp: stamp)
        }
    }

    @Test func threeHundredSiblingsMerge() throws {
        func branch(_ node: String) throws -> ByteBuffer {
            var body = try resolver.write("v", .nothing, at: node, 1)
            for counter: UInt64 in 2...150 {
                body = try resolver.write("v", .nothing, over: body, at: node, counter)
            }
            return body
        }
        let merged = try resolver.merge(branch("a"), branch("b"))
        #expect(try resolver.read(merged).versions.count == 300)
        #expect(try resolver.read(merged).causality.hasSuffix("and 284 more}"))
    }

    /// What is found out without merging is what merging finds.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aBodyIncludesAnotherWhereMergingThatChangesNothing(seed: UInt64) throws {
        var random = RandomGenerator(seed: seed)
        let nodes = ["a", "b", "c"]
        var held = [ByteBuffer?](repeating: nil, count: nodes.count)
        var contexts: [WriteBasis] = [.nothing, .held]
        var bodies: [ByteBuffer] = []
        for step in 1...40 as ClosedRange<UInt64> {
            let at = random.below(nodes.count)
            if random.chance(0.4), let other = held[random.below(nodes.count)] {
                held[at] = try held[at].map { try resolver.merge($0, other) } ?? other
            } else {
                let basis = contexts[random.below(contexts.count)]
                held[at] = try resolver.write("v\(step)", basis, over: held[at], at: nodes[at], step)
            }
            let body = try #require(held[at])
            contexts.append(try resolver.context(of: body))
            bodies.append(body)
        }
        var included = 0
        for one in bodies {
            for other in bodies {
                let (body, second) = (try DottedBody(decoding: one), try DottedBody(decoding: other))
                let includes = body.includes(second)
                #expect(includes == (body.merged(with: second) == body), "seed \(seed): \(body) and \(second)")
                if includes { included += 1 }
            }
        }
        #expect(included > bodies.count && included < bodies.count * bodies.count)
    }
}
