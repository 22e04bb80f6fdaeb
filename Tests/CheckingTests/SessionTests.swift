import Checking
import Testing

@Suite struct SessionTests {
    @Test func aClientReadsItsWrites() {
        var maker = HistoryMaker()
        let old = maker.write("a", client: 2, saw: [])
        let write = maker.write("b", client: 1, saw: [old])
        maker.read(["a"], client: 2, shows: [old])
        let read = maker.read(["a"], client: 1, shows: [old])
        #expect(maker.violations(ReadYourWrites()) == [[write, read]])
    }

    @Test func whatSupersededAnOwnWriteWillDo() {
        var maker = HistoryMaker()
        let write = maker.write("a", client: 1, saw: [])
        let other = maker.write("b", client: 2, saw: [write])
        maker.read(["b"], client: 1, shows: [other])
        let verdict = maker.verdict(ReadYourWrites())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 1)
    }

    @Test func anOwnWriteOfUnknownOutcomeOrStillUnderWayIsNotExpected() {
        var maker = HistoryMaker()
        maker.write("a", saw: [], outcome: .unknown)
        maker.write("b", saw: [], at: 100...200)
        maker.read([], shows: [], at: 150...160)
        #expect(maker.verdict(ReadYourWrites()).checked == 0)
    }

    @Test func aLostOwnWriteCountsOnceButTheLatestEveryTime() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        let other = maker.write("x", client: 2, saw: [])
        maker.read(["x"], client: 1, shows: [other])
        maker.read(["x"], client: 1, shows: [other])
        #expect(maker.verdict(ReadYourWrites()).violationCount == 2)
        let next = maker.write("b", client: 1, saw: [other])
        for _ in 0..<3 { maker.read(["b"], client: 1, shows: [next]) }
        #expect(maker.verdict(ReadYourWrites()).violationCount == 3)
    }

    @Test func anOwnDeleteBehindAHiddenTombstoneIsReflected() {
        var maker = HistoryMaker()
        maker.write("a", result: "c")
        maker.delete(context: "c")
        maker.read([])
        #expect(maker.violations(ReadYourWrites()) == [])
        maker.read(["a"])
        #expect(maker.violations(ReadYourWrites()) == [[2, 4]])
    }

    @Test func aClientDoesNotReadBackwards() {
        var maker = HistoryMaker()
        let old = maker.write("a", client: 2, saw: [])
        let new = maker.write("b", client: 2, saw: [old])
        let first = maker.read(["b"], client: 1, shows: [new])
        let second = maker.read(["a"], client: 1, shows: [old])
        maker.read(["a"], client: 1, shows: [old])
        maker.read(["a"], client: 3, shows: [old])
        #expect(maker.violations(MonotonicReads()) == [[new, first, second]])
    }

    @Test func aClientMayReadForwardsAndSideways() {
        var maker = HistoryMaker()
        let old = maker.write("a", client: 2, saw: [])
        let new = maker.write("b", client: 2, saw: [old])
        let beside = maker.write("c", client: 3, saw: [old])
        maker.read(["a"], client: 1, shows: [old])
        maker.read(["b"], client: 1, shows: [new])
        maker.read(["b", "c"], client: 1, shows: [new, beside])
        let verdict = maker.verdict(MonotonicReads())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 2)
        // But not from one sibling to the other.
        let last = maker.read(["b"], client: 1, shows: [new])
        #expect(maker.violations(MonotonicReads()) == [[beside, 6, last]])
    }

    @Test func aValueDoesNotGiveWayToNothingWithoutADelete() {
        var maker = HistoryMaker()
        maker.write("a")
        maker.read(["a"], client: 2)
        maker.read([], client: 2)
        #expect(maker.violations(MonotonicReads()) == [[1, 2, 3]])

        var deleted = HistoryMaker()
        deleted.write("a")
        deleted.read(["a"], client: 2)
        deleted.delete()
        deleted.read([], client: 2)
        #expect(deleted.violations(MonotonicReads()) == [])
    }

    @Test func overlappingReadsOfAClientHaveNoOrder() {
        var maker = HistoryMaker()
        let old = maker.write("a", client: 2, saw: [])
        let new = maker.write("b", client: 2, saw: [old])
        maker.read(["b"], client: 1, shows: [new], at: 100...200)
        maker.read(["a"], client: 1, shows: [old], at: 150...160)
        #expect(maker.violations(MonotonicReads()) == [])
    }

    @Test func theEarlierWriteDoesNotReturnInsteadOfTheLater() {
        var maker = HistoryMaker()
        let first = maker.write("a", client: 1, saw: [])
        let second = maker.write("b", client: 1, saw: [first])
        maker.read(["a"], client: 2, shows: [first])
        #expect(maker.violations(MonotonicWrites()) == [])
        maker.read(["b"], client: 3, shows: [second])
        let read = maker.read(["a"], client: 2, shows: [first])
        #expect(maker.violations(MonotonicWrites()) == [[first, second, read]])
    }

    @Test func theEarlierWriteDoesNotStandBesideTheLaterThatSawIt() {
        var maker = HistoryMaker()
        let first = maker.write("a", client: 1, saw: [])
        let second = maker.write("b", client: 1, saw: [first])
        let read = maker.read(["a", "b"], client: 2, shows: [first, second])
        #expect(maker.violations(MonotonicWrites()) == [[first, second, read]])

        var siblings = HistoryMaker()
        siblings.write("a", client: 1, saw: [])
        siblings.write("b", client: 1, saw: [], basis: .none)
        siblings.read(["a", "b"], client: 2, shows: [1, 2])
        #expect(siblings.verdict(MonotonicWrites()).violationCount == 0)
        #expect(siblings.verdict(MonotonicWrites()).checked == 1)
    }

    @Test func overlappingWritesOfAClientHaveNoSessionOrder() {
        var maker = HistoryMaker()
        let first = maker.write("a", client: 1, saw: [], at: 0...100)
        let second = maker.write("b", client: 1, saw: [first], at: 50...60)
        maker.read(["b"], client: 3, shows: [second], at: 110...120)
        maker.read(["a"], client: 4, shows: [first], at: 130...140)
        #expect(maker.violations(MonotonicWrites()) == [])
    }

    @Test func writesOfTwoClientsHaveNoSessionOrder() {
        var maker = HistoryMaker()
        let first = maker.write("a", client: 1, saw: [])
        let second = maker.write("b", client: 2, saw: [first])
        maker.read(["b"], client: 3, shows: [second])
        maker.read(["a"], client: 3, shows: [first])
        #expect(maker.violations(MonotonicWrites()) == [])
    }

    @Test func aWriteIsNotShownBesideWhatItFollowed() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.read(["a"], client: 2, result: "c")
        maker.write("b", client: 2, context: "c")
        maker.read(["b"], client: 3)
        #expect(maker.violations(WritesFollowReads()) == [])
        maker.read(["a", "b"], client: 3)
        #expect(maker.violations(WritesFollowReads()) == [[3, 1, 5]])
    }

    @Test func aWriteIsNotLostToWhatItFollowed() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.read(["a"], client: 2, result: "c")
        maker.write("b", client: 2, context: "c")
        // A replica that lacks the write so far.
        maker.read(["a"], client: 3)
        #expect(maker.violations(WritesFollowReads()) == [])
        let seen = maker.read(["b"], client: 4)
        let stale = maker.read(["a"], client: 3)
        let final = maker.finalRead(["a"])
        #expect(maker.violations(WritesFollowReads()) == [[3, 1, stale], [3, 1, final]])
        #expect(seen == 5)
    }

    @Test func aFinalReadIsHeldToWritesThatNobodyHasRead() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.read(["a"], client: 2, result: "c")
        maker.write("b", client: 2, context: "c")
        maker.finalRead(["a"])
        #expect(maker.violations(WritesFollowReads()) == [[3, 1, 4]])
    }

    @Test func aWriteOnWhatItsCoordinatorHeldFollowsNoRead() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        maker.write("b", client: 2, saw: [1])
        maker.read(["b"], client: 3, shows: [2])
        maker.read(["a"], client: 3, shows: [1])
        #expect(maker.violations(WritesFollowReads()) == [])
    }

    @Test func onlyAWriteThatFollowedAReadMustNotStandBesideIt() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        maker.read(["a"], client: 2, shows: [1], result: "c")
        maker.write("b", client: 2, saw: [1], context: "c")
        maker.write("d", client: 3, saw: [1])
        maker.read(["a", "d"], client: 4, shows: [1, 4])
        #expect(maker.violations(WritesFollowReads()) == [])
        #expect(maker.violations(FalseConcurrency()) == [[5, 1, 4]])
    }

    /// W3 follows W2, which follows "a"; each is visible at another time.
    @Test func theFirstVisibleFollowerCounts() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        maker.read(["a"], client: 2, result: "c1")
        maker.write("b", client: 2, saw: [1], context: "c1")
        maker.read(["b"], client: 2, shows: [3], result: "c2")
        maker.write("d", client: 2, saw: [3], context: "c2")
        maker.read(["d"], client: 3, shows: [5])
        let stale = maker.read(["b"], client: 4, shows: [3])
        let older = maker.read(["a"], client: 4, shows: [1])
        #expect(maker.violations(WritesFollowReads()) == [[5, 3, stale], [3, 1, older]])
    }
}
