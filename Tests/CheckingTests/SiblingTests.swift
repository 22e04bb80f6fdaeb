import Checking
import Testing

@Suite struct SiblingTests {
    @Test func aSupersededVersionMustNotStandBesideItsSuccessor() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        let third = maker.write("c", saw: [second])
        let read = maker.read(["a", "c"], shows: [first, third])
        #expect(maker.violations(FalseConcurrency()) == [[read, first, third]])
    }

    @Test func concurrentVersionsMayStandSideBySide() {
        var maker = HistoryMaker()
        let base = maker.write("a", saw: [])
        let left = maker.write("b", client: 1, saw: [base])
        let right = maker.write("c", client: 2, saw: [base])
        maker.read(["b", "c"], shows: [left, right])
        let verdict = maker.verdict(FalseConcurrency())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 1)
    }

    @Test func aContextMakesSuccessorsKnown() {
        var maker = HistoryMaker()
        maker.write("a", result: "w")
        maker.read(["a"], client: 2, result: "r")
        maker.write("b", client: 2, context: "r")
        maker.read(["a", "b"], client: 3)
        #expect(maker.violations(FalseConcurrency()) == [[4, 1, 3]])
    }

    @Test func anUnknownPastIsNoProofOfSuccession() {
        var maker = HistoryMaker()
        maker.write("a")
        maker.write("b")
        maker.read(["a", "b"])
        #expect(maker.violations(FalseConcurrency()) == [])
    }

    @Test func oneWriteMustNotBecomeTwoVersions() {
        var maker = HistoryMaker()
        let write = maker.write("a", saw: [])
        let read = maker.read(["a", "a"])
        #expect(maker.violations(FalseConcurrency()) == [[read, write]])
    }

    @Test func aSingleValueResolverShowsOneValue() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.write("b", saw: [])
        maker.read(["b"])
        #expect(maker.violations(SingleValue()) == [])
        let read = maker.read(["a", "b"])
        let verdict = maker.verdict(SingleValue(), Promises(singleValue: true))
        #expect(verdict.violations.map(\.operations) == [[read]])
        #expect(verdict.fails)
        #expect(!maker.verdict(SingleValue(), Promises()).fails)
    }

    @Test func onlyWhatWasWrittenIsShown() {
        var maker = HistoryMaker()
        let failed = maker.write("a", outcome: .failed)
        maker.write("b", outcome: .unknown)
        maker.write("c", key: "other")
        maker.read(["b"])
        #expect(maker.violations(InventedValues()) == [])
        let foreign = maker.read(["c"])
        let phantom = maker.read(["nobody's"])
        let revived = maker.read(["a"])
        let early = maker.read(["late"], at: 200...210)
        let late = maker.write("late", at: 300...310)
        #expect(maker.violations(InventedValues()) == [[foreign], [phantom], [revived, failed], [early, late]])
    }

    @Test func aValueIsThatOfTheVersionsBehindTheAnswer() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [])
        maker.read(["a", "b"], shows: [first, second])
        maker.read(["b"], shows: [first, second])
        #expect(maker.violations(InventedValues()) == [])
        let other = maker.read(["b"], shows: [first])
        let garbled = maker.read(["?"], shows: [second])
        #expect(maker.violations(InventedValues()) == [[other], [garbled]])
    }

    @Test func canonicallyEquivalentTextsAreDifferentKeysAndValues() {
        var maker = HistoryMaker()
        maker.write("\u{E9}", key: "\u{E9}", saw: [])
        maker.write("e\u{301}", key: "e\u{301}", saw: [])
        maker.finalRead(["\u{E9}"], key: "\u{E9}")
        maker.finalRead([], key: "e\u{301}", shows: [])
        #expect(maker.violations(LostWrites()) == [[2, 4]])
    }
}

@Suite struct DominanceTests {
    @Test func aSupersededVersionMustNotWinOverItsSuccessor() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        let read = maker.finalRead(["a"], shows: [first])
        #expect(maker.violations(ContextWins()) == [[second, first, read]])
        // It is not taken for one that gave way to a stranger.
        #expect(maker.violations(FalseDominance()) == [])
    }

    @Test func aSuccessorOfTheSuccessorKeepsTheContextHonoured() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        let third = maker.write("c", saw: [second])
        maker.finalRead(["c"], shows: [third])
        #expect(maker.verdict(ContextWins()).violationCount == 0)
        #expect(maker.verdict(ContextWins()).checked == 1)
    }

    @Test func aVersionBesideItsSuccessorHasNotWonOverIt() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        maker.finalRead(["a", "b"], shows: [first, second])
        #expect(maker.violations(ContextWins()) == [])
        #expect(maker.violations(FalseConcurrency()).count == 1)
    }

    @Test func aSuccessorThatWasNeverAcknowledgedMayBeMissing() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        maker.write("b", saw: [first], outcome: .unknown)
        maker.finalRead(["a"], shows: [first])
        #expect(maker.violations(ContextWins()) == [])
    }

    @Test func aVersionMustNotGiveWayToWhatHadNotSeenIt() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [])
        let read = maker.finalRead(["b"], shows: [second])
        #expect(maker.violations(FalseDominance()) == [[first, second, read]])
        #expect(maker.violations(ContextWins()) == [])
        #expect(
            maker.verdict(FalseDominance(), Promises(keepsAcknowledged: true, singleValue: true)).isPromised == false)

        var both = HistoryMaker()
        both.write("a", saw: [])
        both.write("b", saw: [])
        both.finalRead(["a", "b"], shows: [1, 2])
        #expect(both.violations(FalseDominance()) == [])
    }

    @Test func shownVersionsOfUnknownOutcomeThatVanishAreCounted() {
        var maker = HistoryMaker()
        maker.write("a", saw: [], outcome: .unknown)
        maker.read(["a"], shows: [1])
        maker.write("b", saw: [])
        maker.finalRead(["b"], shows: [3])
        let rate = maker.verdict(FalseDominance()).rate("versions of unknown outcome that were shown and vanished")
        #expect(rate?.count == 1)
        #expect(maker.violations(FalseDominance()) == [])
    }

    @Test func aDeletedValueMustNotComeBack() {
        var maker = HistoryMaker()
        let value = maker.write("a", client: 1, saw: [])
        let delete = maker.delete(client: 2, saw: [value])
        let stale = maker.read(["a"], client: 3, shows: [value])
        let own = maker.read(["a"], client: 2, shows: [value])
        let final = maker.finalRead(["a"], shows: [value])
        #expect(maker.violations(ResurrectedDeletes()) == [[delete, value, own], [delete, value, final]])
        let unpromised = maker.verdict(ResurrectedDeletes(), Promises(noResurrection: true))
        #expect(unpromised.violations.map(\.operations) == [[delete, value, final]])
        #expect(unpromised.rate("reads after a delete that show what it superseded")?.count == 3)
        #expect(stale == 3)
    }

    @Test func aValueThatTheDeleteHadNotSeenMayStay() {
        var maker = HistoryMaker()
        let value = maker.write("a", saw: [])
        let other = maker.write("b", client: 2, saw: [])
        maker.delete(client: 3, saw: [value])
        maker.finalRead(["b"], shows: [other, 3])
        #expect(maker.verdict(ResurrectedDeletes()).violationCount == 0)
        #expect(maker.verdict(ResurrectedDeletes()).checked == 1)
    }

    @Test func aDeleteByContextIsUnderstood() {
        var maker = HistoryMaker()
        maker.write("a", result: "c")
        maker.read(["a"], result: "d")
        maker.delete(context: "d")
        maker.finalRead(["a"])
        #expect(maker.violations(ResurrectedDeletes()) == [[3, 1, 4]])
    }
}
