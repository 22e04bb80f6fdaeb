import BenchKit
import Checking
import ConflictResolution
import NIOCore
import StatorCore
import Testing

/// Histories come from outside: whatever they hold, a replay ends and counts.
@Suite struct ReplayHostileTests {
    private func check(_ history: History, _ options: ReplayOptions = ReplayOptions(clockOffsetMaximum: .seconds(9))) {
        for kind in ReplayKind.allCases {
            let outcome = CounterfactualReplay(history, resolver: kind.resolver, kind: "", options: options).run()
            #expect(outcome.kept + outcome.lost + outcome.refusedAcknowledged == outcome.acknowledged)
            #expect(!ReplayText.table([outcome]).isEmpty)
        }
    }

    @Test func circlesInWhatWritesSawAreBroken() {
        var maker = ReplayMaker()
        maker.write("v1", saw: [2])
        maker.write("v2", saw: [3])
        maker.write("v3", saw: [1, 3, 3])
        maker.write("v4", saw: [1])
        check(maker.history)
        #expect(maker.replay(.dotted).events == 4)
    }

    @Test func unknownIDsNodesAndNamesAreTakenAsTheyAre() {
        var maker = ReplayMaker()
        maker.write("v1", at: nil, saw: [99, -1, 1])
        maker.write("v1", at: "", saw: [1])
        maker.write("v2", at: "no node\n", saw: [1, 1, 1])
        maker.write("v3", at: String(repeating: "x", count: 1000), saw: [.min, .max])
        maker.write("", at: "unnamed-0", saw: nil, basis: .context, context: "?")
        maker.read(["v1", "nobody's"], shows: [1, 77])
        maker.read(["v1"])
        check(maker.history)
    }

    @Test func repeatedIDsAndExtremeTimesDoNotTrap() {
        var history = History()
        for (number, time) in [Int64.min, .max, 0, -1, .max, .min].enumerated() {
            for (start, end) in [(time, Int64.max), (time, Int64.min), (time, time)] {
                history.append(
                    HistoryOperation(
                        id: number % 3, client: .min, kind: .write, key: "k", value: "v", basis: .held,
                        saw: number % 2 == 0 ? nil : [0, 1, 2], start: start, end: end))
            }
        }
        check(history)
        check(history, ReplayOptions(clockOffsetMaximum: ReplayOptions.maximumClockOffset, heldPast: .acknowledged))
    }

    @Test func randomHistoriesOfAnyShapeAreCounted() {
        for seed in UInt64(1)...80 {
            var random = RandomGenerator(seed: seed)
            var history = History()
            for id in 0..<40 {
                func ids() -> [Int] { (0..<random.below(5)).map { _ in random.below(44) } }
                let kind: HistoryOperation.Kind = [.read, .write, .write, .delete][random.below(4)]
                let context = random.chance(0.5) ? "c\(random.below(6))" : nil
                history.append(
                    HistoryOperation(
                        id: id, client: random.below(3), kind: kind, key: "k\(random.below(2))",
                        value: kind == .write ? "v\(random.below(30))" : nil,
                        values: kind == .read ? ids().map { "v\($0)" } : [],
                        basis: [.held, .context, .none][random.below(3)], context: context,
                        resultContext: random.chance(0.5) ? "c\(random.below(6))" : nil,
                        saw: random.chance(0.6) ? ids() : nil, shows: random.chance(0.5) ? ids() : nil,
                        start: Int64(random.below(50)), end: Int64(random.below(90)),
                        outcome: [.ok, .ok, .failed, .unknown][random.below(4)],
                        node: random.chance(0.8) ? ["A", "B", "é"][random.below(3)] : nil))
            }
            check(history)
        }
    }

    @Test func anEmptyHistoryHasNothing() {
        check(History())
        #expect(ReplayMaker().replay(.dotted) == ReplayMaker().replay(.dotted))
        #expect(ReplayMaker().replay(.dotted).meanSiblings == 0)
        #expect(ReplayText.table([]) == "")
    }

    @Test func whatAResolverRefusesIsCounted() {
        struct Refusing: ConflictResolver {
            typealias Settings = NoSettings
            static let kind = "refusing"
            static let summary = "Refuses deletes."
            static let guarantees: Set<Guarantee> = []
            let base = DottedVersionVectorResolver(settings: NoSettings())
            init(settings: NoSettings) {}
            var needsReplicaCoordinator: Bool { false }
            func body(
                of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp
            ) throws(ResolverError) -> ByteBuffer {
                if write.content == nil { throw .impossibleContext("it deletes") }
                return try base.body(of: write, over: existing, stamp: stamp)
            }
            func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer {
                try base.merge(one, other)
            }
            func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult { try base.read(body) }
        }
        var maker = ReplayMaker()
        let first = maker.write("v1")
        let second = maker.delete(saw: [first])
        maker.write("v3", saw: [second])
        let outcome = CounterfactualReplay(
            maker.history, resolver: Refusing(settings: NoSettings()), kind: "refusing"
        ).run()
        #expect([outcome.refused, outcome.refusedAcknowledged, outcome.kept] == [1, 1, 2])
        #expect(outcome.examples(.refused) == [[2]])
    }
}
