import ConflictResolution
import NIOCore
import StatorCore
import Testing

@Suite struct HybridClockTests {
    let resolver = LastWriterWinsHLCResolver(settings: ClockSettings())

    private func timestamp(_ body: ByteBuffer) throws -> Int64? {
        try resolver.read(body).versions.first?.wall?.microseconds
    }

    /// Kulkarni et al. 2014, figure 5: l.j is the maximum of what was known and the physical clock, and the logical
    /// part counts up only where the physical clock did not move past it.
    @Test func timestampIsTheGreatestOfClockHeldAndSeen() throws {
        let first = try resolver.write("a", .nothing, at: "a", 1, wall: 100)
        #expect(try timestamp(first) == 100)
        let behind = try resolver.write("b", .held, over: first, at: "b", 1, wall: 40)
        #expect(try timestamp(behind) == 101)
        let ahead = try resolver.write("c", .held, over: behind, at: "c", 1, wall: 500)
        #expect(try timestamp(ahead) == 500)
        let received = try resolver.write("d", try resolver.context(of: ahead), over: first, at: "b", 2, wall: 41)
        #expect(try timestamp(received) == 501)
    }

    @Test func writeBeatsWhatItsClientReadWhateverTheClocksSay() throws {
        let read = try resolver.write("read", .nothing, at: "fast", 1, wall: 1_000_000)
        let context = try resolver.context(of: read)
        let written = try resolver.write("written", context, at: "slow", 1, wall: 5)
        #expect(try resolver.values(resolver.merge(read, written)) == ["written"])
        let deleted = try resolver.write(nil, try resolver.context(of: written), at: "slow", 2, wall: 6)
        #expect(try resolver.read(resolver.merge(written, deleted)).isTombstone)
    }

    @Test func equalTimestampsAreOrderedByActorThenCounter() throws {
        let one = try resolver.write("one", .nothing, at: "a", 9, wall: 7)
        let two = try resolver.write("two", .nothing, at: "b", 1, wall: 7)
        let three = try resolver.write("three", .nothing, at: "b", 2, wall: 7)
        #expect(try resolver.values(resolver.merge(one, two)) == ["two"])
        #expect(try resolver.values(resolver.merge(three, two)) == ["three"])
    }

    @Test func contextTooFarAheadOfTheClockIsRefused() throws {
        let resolver = LastWriterWinsHLCResolver(settings: ClockSettings(maximumSkew: .microseconds(500)))
        let future = try resolver.write("v", .nothing, at: "a", 1, wall: 1001)
        let context = try resolver.context(of: future)
        #expect(throws: ResolverError.self) { try resolver.write("w", context, at: "b", 1, wall: 0) }
        #expect(try resolver.values(resolver.write("w", context, at: "b", 1, wall: 1)) == ["w"])
        // What is stored is followed, and a context that says no more than that passes.
        let followed = try resolver.write("x", context, over: future, at: "b", 1, wall: 0)
        #expect(try resolver.values(resolver.merge(future, followed)) == ["x"])
    }

    @Test func whatIsHeldFromFarAheadIsSupersededByTheNextWriteAndDelete() throws {
        let poisoned = try resolver.write("v", .nothing, at: "fast", 1, wall: 86_400_000_000)
        let written = try resolver.write("w", .held, over: poisoned, at: "right", 1, wall: 1000)
        #expect(try resolver.values(resolver.merge(poisoned, written)) == ["w"])
        let deleted = try resolver.write(nil, .held, over: written, at: "right", 2, wall: 1001)
        #expect(try resolver.read(resolver.merge(poisoned, resolver.merge(written, deleted))).isTombstone)
    }

    @Test func endOfTimeIsRefusedInsteadOfOverflowing() throws {
        let end = try resolver.write("v", .nothing, at: "a", 1, wall: .max)
        #expect(throws: ResolverError.self) { try resolver.write("w", .held, over: end, at: "b", 1) }
        let context = try resolver.context(of: end)
        #expect(throws: ResolverError.self) { try resolver.write("w", context, at: "b", 1, wall: .min) }
        #expect(throws: ResolverError.self) { try resolver.write("w", context, at: "b", 1, wall: .max) }
    }
}

@Suite struct WallClockTests {
    let resolver = LastWriterWinsWallResolver(settings: ClockSettings())

    @Test func latestWallTimeWins() throws {
        let one = try resolver.write("one", .nothing, at: "b", 1, wall: 1)
        let two = try resolver.write("two", .nothing, at: "a", 1, wall: 2)
        #expect(try resolver.values(resolver.merge(one, two)) == ["two"])
        #expect(try resolver.values(resolver.merge(two, one)) == ["two"])
    }

    /// Hazard 2: acknowledged and never seen.
    @Test func slowClockLosesEvenToWhatItsClientRead() throws {
        let read = try resolver.write("read", .nothing, at: "fast", 1, wall: 100)
        let written = try resolver.write("written", try resolver.context(of: read), over: read, at: "slow", 1, wall: 50)
        #expect(written == read)
    }

    @Test func onlyWallTimeNeedsNothingOfWhatIsHeld() {
        #expect(!resolver.needsReplicaCoordinator)
        #expect(LastWriterWinsHLCResolver(settings: ClockSettings()).needsReplicaCoordinator)
    }
}
