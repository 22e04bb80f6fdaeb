import BenchKit
import Checking
import ConflictResolution
import StatorCore
import Testing

/// Each thing that a replay counts, in a history small enough to count by hand.
@Suite struct ReplayCategoryTests {
    @Test(arguments: ReplayKind.allCases) func aChainOfWritesIsKeptByEveryResolver(_ kind: ReplayKind) {
        var maker = ReplayMaker()
        let first = maker.write("v1")
        let second = maker.write("v2", at: "B", saw: [first])
        maker.write("v3", at: "C", saw: [second], basis: .held)
        let outcome = maker.replay(kind)
        #expect(outcome.fate == [3, 0, 0])
        #expect([outcome.values, outcome.keysWithSiblings, outcome.falseSiblings, outcome.strange] == [1, 0, 0, 0])
        #expect(outcome.examples.isEmpty)
    }

    @Test func ofConcurrentWritesLastWriterWinsLosesTheEarlierAndVersionVectorsNone() {
        var maker = ReplayMaker()
        maker.write("v1", at: "B")
        maker.write("v2", at: "A")
        for kind in [ReplayKind.wall, .hybrid] {
            let outcome = maker.replay(kind)
            #expect(outcome.fate == [1, 1, 0])
            #expect(outcome.lostUnsuperseded == 1)
            #expect(outcome.examples(.lostToConcurrent) == [[1, 2]])
        }
        for kind in [ReplayKind.vector, .dotted] {
            let outcome = maker.replay(kind)
            #expect(outcome.fate == [2, 0, 0])
            #expect([outcome.values, outcome.keysWithSiblings, outcome.maximumSiblings] == [2, 1, 2])
            #expect(outcome.meanSiblings == 2)
        }
        #expect(maker.replay(.dotted).unsupersededValues == 2)
    }

    /// The case from which Preguiça et al. (PODC 2012) start: two clients, one coordinator, one context.
    @Test func throughOneCoordinatorVectorClocksLoseAConcurrentWriteAndDotsDoNot() {
        var maker = ReplayMaker()
        let first = maker.write("v1")
        maker.write("v2", saw: [first])
        maker.write("v3", saw: [first])
        #expect(maker.replay(.vector).fate == [2, 1, 0])
        #expect(maker.replay(.vector).examples(.lostToConcurrent) == [[2, 3]])
        #expect(maker.replay(.dotted).fate == [3, 0, 0])
        #expect(maker.replay(.dotted).values == 2)
    }

    @Test func blindWritesThroughOneCoordinatorStaySiblingsOnlyByDots() {
        var maker = ReplayMaker()
        for number in 0..<5 { maker.write("v\(number)", basis: .none) }
        #expect(maker.replay(.dotted).values == 5)
        #expect(maker.replay(.vector).values == 1)
        #expect(maker.replay(.vector).lost == 4)
    }

    @Test func aClockBehindLosesTheWriteThatSupersededAndHybridClocksDoNot() throws {
        var maker = ReplayMaker()
        let first = maker.write("v1", at: "A")
        maker.write("v2", at: "B", saw: [first])
        #expect(maker.replay(.wall).fate == [2, 0, 0])
        func options(_ seed: UInt64) -> ReplayOptions {
            ReplayOptions(clockOffsetMaximum: .seconds(60), seed: seed)
        }
        let ahead = try #require(seed(ahead: true) { maker.replay(.wall, options($0)).lost > 0 })
        let outcome = maker.replay(.wall, options(ahead))
        #expect(outcome.fate == [1, 0, 1])
        #expect(outcome.lostUnsuperseded == 1)
        #expect(outcome.examples(.lostAfterSuperseding) == [[2, 1]])
        for kind in ReplayKind.allCases where kind != .wall {
            #expect(maker.replay(kind, options(ahead)).fate == [2, 0, 0])
        }
        // Other clocks, no loss: it is the clocks that decide.
        #expect(seed(ahead: false) { maker.replay(.wall, options($0)).lost > 0 } != nil)
    }

    @Test func aClockBehindResurrectsWhatADeleteSuperseded() throws {
        var maker = ReplayMaker()
        let first = maker.write("v1", at: "A")
        maker.delete(at: "B", saw: [first])
        #expect(maker.replay(.wall).resurrected == 0)
        #expect(maker.replay(.wall).keysWithValues == 0)
        let outcome = try #require(
            (1...64).lazy.map { maker.replay(.wall, ReplayOptions(clockOffsetMaximum: .seconds(60), seed: $0)) }
                .first { $0.resurrected > 0 })
        #expect(outcome.examples(.resurrected) == [[1, 2]])
        #expect([outcome.values, outcome.lostAfterSuperseding] == [1, 1])
    }

    /// More actors than a truncated clock has room for: a write no longer covers what it superseded.
    @Test func aTruncatedClockShowsWhatWasSuperseded() {
        var maker = ReplayMaker()
        var last: [Int] = []
        for number in 0..<6 { last = [maker.write("v\(number)", at: "N\(number)", saw: last)] }
        maker.delete(at: "N6", saw: last)
        let short = VectorClockResolver(settings: VectorClockSettings(maximumEntries: 2))
        let outcome = CounterfactualReplay(maker.history, resolver: short, kind: "short").run()
        #expect(outcome.falseSiblings > 0)
        #expect(outcome.resurrected == outcome.values)
        #expect(outcome.lost == 0)
        #expect(maker.replay(.vector).values == 0)
    }

    /// What counts is what it saw directly, whether the recorder lists the rest or not.
    @Test func aClosedListOfWhatAWriteSawIsReplayedAsTheDirectOne() {
        func outcome(isClosed: Bool) -> ReplayOutcome {
            var maker = ReplayMaker()
            for number in 0..<6 {
                let before = Array(1..<number + 1)
                maker.write("v\(number)", at: "N\(number)", saw: isClosed ? before : before.suffix(1))
            }
            let short = VectorClockResolver(settings: VectorClockSettings(maximumEntries: 3))
            return CounterfactualReplay(maker.history, resolver: short, kind: "short").run()
        }
        #expect(outcome(isClosed: true) == outcome(isClosed: false))
        #expect(outcome(isClosed: true).metadataBytes > 0)
    }

    @Test func aReadIsReplayedWithTheEventsThatItShowed() {
        var maker = ReplayMaker()
        maker.write("v1", at: "A")
        maker.write("v2", at: "B")
        maker.read(["v1", "v2"], shows: [1, 2])
        maker.read(["v1"], shows: [1])
        let dotted = maker.replay(.dotted)
        #expect(
            [dotted.reads, dotted.readsOfSeveralRecorded, dotted.readsOfSeveral, dotted.readsHiding] == [2, 1, 1, 0])
        let wall = maker.replay(.wall)
        #expect([wall.readsOfSeveral, wall.readsHiding, wall.readsHidingLatest] == [0, 1, 0])
        #expect(wall.examples(.hidden) == [[3, 1]])
    }

    @Test func metadataIsTheRecordWithoutItsValues() {
        var short = ReplayMaker()
        short.write("v")
        var long = ReplayMaker()
        long.write(String(repeating: "v", count: 100))
        for kind in ReplayKind.allCases {
            let (one, other) = (short.replay(kind), long.replay(kind))
            #expect(one.metadataBytes == other.metadataBytes)
            #expect(one.records == 1 && one.meanMetadataBytes > 10 && one.meanMetadataBytes < 60)
        }
    }
}
