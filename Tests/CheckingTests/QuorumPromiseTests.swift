import Checking
import Testing

/// What is promised of a write by its W, and of a read by its R.
@Suite struct QuorumPromiseTests {
    /// N = 3, and as many disks may forget.
    private func promises(forgetting: Int = 0) -> Promises {
        var promises = Promises.all
        promises.replicas = 3
        promises.forgettingDisks = forgetting
        return promises
    }

    /// A client's write and its later read, which misses it.
    private func missed(w: Int, r: Int, sloppyWrite: Bool = false, sloppyRead: Bool = false) -> HistoryMaker {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.amend {
            $0.writeQuorum = w
            $0.isSloppy = sloppyWrite
        }
        maker.read([], shows: [])
        maker.amend {
            $0.readQuorum = r
            $0.isSloppy = sloppyRead
        }
        return maker
    }

    @Test(arguments: [(1, 3), (2, 2), (3, 1), (3, 3)])
    func aReadReflectsAnOwnWriteThatItsQuorumMeets(w: Int, r: Int) {
        #expect(missed(w: w, r: r).violations(ReadYourWrites(), promises()) == [[1, 2]])
    }

    @Test(arguments: [(1, 1), (1, 2), (2, 1)])
    func aMissWhereNoQuorumMeetsIsARate(w: Int, r: Int) {
        let verdict = missed(w: w, r: r).verdict(ReadYourWrites(), promises())
        #expect(verdict.isPromised)
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 0)
        #expect(verdict.rate("reads that missed an own write that no quorum met")?.count == 1)
    }

    @Test func standInsMeetNobody() {
        #expect(missed(w: 3, r: 3, sloppyWrite: true).verdict(ReadYourWrites(), promises()).violationCount == 0)
        #expect(missed(w: 3, r: 3, sloppyRead: true).verdict(ReadYourWrites(), promises()).violationCount == 0)
    }

    @Test func withoutThePromiseEveryMissIsCounted() {
        let verdict = missed(w: 1, r: 1).verdict(ReadYourWrites(), Promises())
        #expect(!verdict.isPromised)
        #expect(verdict.violationCount == 1)
    }

    /// A later write that fewer acknowledged does not stand for an earlier one that more did.
    @Test func aWeakerWriteDoesNotExcuseMissingAStrongerOne() {
        var maker = HistoryMaker()
        let strong = maker.write("a", saw: [])
        maker.amend { $0.writeQuorum = 2 }
        maker.write("b", saw: [strong])
        maker.amend { $0.writeQuorum = 1 }
        let read = maker.read([], shows: [])
        maker.amend { $0.readQuorum = 2 }
        #expect(maker.violations(ReadYourWrites(), promises()) == [[strong, read]])

        var reflected = HistoryMaker()
        reflected.write("a", saw: [])
        reflected.amend { $0.writeQuorum = 2 }
        reflected.write("b", saw: [1])
        reflected.amend { $0.writeQuorum = 1 }
        reflected.read(["a"], shows: [1])
        reflected.amend { $0.readQuorum = 2 }
        #expect(reflected.violations(ReadYourWrites(), promises()) == [])
    }

    private func lost(w: Int?) -> HistoryMaker {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.amend { $0.writeQuorum = w }
        let other = maker.write("b", client: 2, saw: [])
        maker.finalRead(["b"], shows: [other])
        return maker
    }

    @Test func aWriteSurvivesFewerDisksThanAcknowledgedIt() {
        for (w, forgetting) in [(1, 0), (2, 0), (2, 1), (3, 2)] {
            let maker = lost(w: w)
            #expect(maker.verdict(LostWrites(), promises(forgetting: forgetting)).fails, "\(w), \(forgetting)")
            #expect(maker.verdict(FalseDominance(), promises(forgetting: forgetting)).fails, "\(w), \(forgetting)")
        }
        #expect(lost(w: nil).verdict(LostWrites(), promises(forgetting: 1)).fails)
    }

    @Test func whatNoMoreDisksAcknowledgedThanForgetIsARate() {
        for (w, forgetting) in [(1, 1), (1, 2), (2, 2)] {
            let maker = lost(w: w)
            let verdict = maker.verdict(LostWrites(), promises(forgetting: forgetting))
            #expect(!verdict.fails)
            #expect(verdict.rate("lost, acknowledged by no more disks than may forget")?.count == 1)
            #expect(verdict.rate("lost acknowledged writes")?.count == 0)
            #expect(!maker.verdict(FalseDominance(), promises(forgetting: forgetting)).fails)
        }
    }

    @Test func aLostDeleteExcusesWhatComesBackOnlyWhereItMayBeLost() {
        for (w, isExcused) in [(1, true), (2, false)] {
            var maker = HistoryMaker()
            let value = maker.write("a", saw: [])
            maker.amend { $0.writeQuorum = 3 }
            maker.delete(saw: [value])
            maker.amend { $0.writeQuorum = w }
            maker.finalRead(["a"], shows: [value])
            #expect(maker.verdict(ResurrectedDeletes(), promises(forgetting: 1)).fails != isExcused, "\(w)")
            #expect(maker.verdict(ContextWins(), promises(forgetting: 1)).fails != isExcused, "\(w)")
        }
    }

    @Test func operationsWithLessTimeMayEndWithoutAnOutcome() {
        var maker = HistoryMaker()
        maker.write("a", saw: [], outcome: .unknown)
        let checker = LivenessChecker(bound: 100, healTime: 0)
        #expect(maker.verdict(checker).violationCount == 1)
        maker.amend { $0.timeout = 5 }
        #expect(maker.verdict(checker).violationCount == 0)
    }
}
