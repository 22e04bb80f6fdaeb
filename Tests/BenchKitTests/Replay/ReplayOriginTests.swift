import BenchKit
import Checking
import StatorCore
import Testing

/// Which events take part, and what they had seen where the history does not say.
@Suite struct ReplayOriginTests {
    @Test func failedWritesAndThoseThatNobodyMadeTakeNoPart() {
        var maker = ReplayMaker()
        maker.write("v1", outcome: .failed)
        maker.write("v2", saw: [], outcome: .unknown)
        maker.write("v3", saw: [])
        maker.write("v4", saw: [3], outcome: .unknown)
        let outcome = maker.replay(.dotted)
        #expect([outcome.events, outcome.acknowledged, outcome.unknown, outcome.unknownValues] == [2, 1, 1, 1])
    }

    @Test func aWriteOfUnknownOutcomeThatWasSeenTakesPart() {
        var maker = ReplayMaker()
        maker.write("v1", saw: [], outcome: .unknown)
        maker.write("v2", saw: [], outcome: .unknown)
        maker.read(["v1"], shows: [1])
        maker.write("v4", saw: [2])
        #expect(maker.replay(.dotted).unknown == 2)
        #expect(maker.replay(.dotted).fate == [1, 0, 0])
    }

    @Test func pastsComeFromContextsWhereNoneIsRecorded() {
        var maker = ReplayMaker()
        maker.write("v1", at: "A", saw: nil, basis: .none)
        maker.write("v2", at: "B", saw: nil, basis: .none)
        maker.read(["v1"], result: "c1")
        maker.write("v3", at: "C", saw: nil, basis: .context, context: "c1")
        let outcome = maker.replay(.dotted)
        #expect(outcome.fate == [3, 0, 0])
        #expect(outcome.values == 2)
        #expect(outcome.assumedPasts == 0)
    }

    @Test(arguments: [HistoryOperation.Basis.held, .context])
    func withoutARecordAWriteSawWhatWasAcknowledgedBefore(_ basis: HistoryOperation.Basis) {
        var maker = ReplayMaker()
        maker.write("v1", at: "A", saw: nil, basis: .held, time: 0...10)
        maker.write("v2", at: "B", saw: nil, basis: .held, time: 5...30)
        // After the first and before the second is acknowledged; its context is from elsewhere, if it has one.
        maker.write("v3", at: "C", saw: nil, basis: basis, context: basis == .held ? nil : "x", time: 20...40)
        let outcome = maker.replay(.dotted)
        #expect([outcome.assumedPasts, outcome.values, outcome.kept] == [3, 2, 3])
    }

    @Test func instantWritesAtOneTimeDoNotSeeEachOtherInACircle() {
        var maker = ReplayMaker()
        for number in 0..<4 { maker.write("v\(number)", saw: nil, basis: .held, time: 5...5) }
        let outcome = maker.replay(.dotted)
        #expect([outcome.values, outcome.kept] == [1, 4])
    }

    @Test func blindWritesOfARecordCanBeTakenToReplaceWhatWasThere() {
        var maker = ReplayMaker()
        maker.write("v1", at: "A", basis: .held)
        maker.write("v2", at: "B", basis: .held)
        #expect(maker.replay(.dotted).values == 2)
        #expect(maker.replay(.dotted).blindWrites == 1)
        let assuming = maker.replay(.dotted, ReplayOptions(heldPast: .acknowledged))
        #expect([assuming.values, assuming.blindWrites, assuming.assumedPasts] == [1, 0, 2])
    }

    /// The first write takes long, and sees one that started after it.
    @Test(arguments: ReplayKind.allCases) func aWriteMayHaveSeenOneThatStartedLater(_ kind: ReplayKind) {
        var maker = ReplayMaker()
        maker.write("v1", at: "A", saw: [2], time: 0...100_000)
        maker.write("v2", at: "A", saw: [], time: 10...20)
        let outcome = maker.replay(kind)
        #expect([outcome.kept, outcome.values, outcome.unsupersededValues] == [2, 1, 1])
        #expect(outcome.refused == 0)
    }
}
