import Checking
import Testing

@Suite struct ConditionalWritesTests {
    private func promises(atOnce: Bool = false) -> Promises {
        var promises = Promises.all
        promises.replicas = 3
        promises.conditionsInOrder = true
        promises.conditionsAtOnce = atOnce
        return promises
    }

    /// Two successes on one condition.
    private func two(
        _ condition: HistoryOperation.Condition, r: Int = 2, w: Int = 2, lives: [Int] = [1, 1],
        at second: ClosedRange<Int64> = 20...30
    ) -> HistoryMaker {
        var maker = HistoryMaker()
        for (value, time) in [("a", 0...10 as ClosedRange<Int64>), ("b", second)] {
            maker.write(
                value, client: value == "a" ? 1 : 2, saw: [], context: condition == .match ? "c" : nil, at: time)
            maker.amend {
                $0.condition = condition
                $0.readQuorum = r
                $0.writeQuorum = w
                $0.isSloppy = false
                $0.coordinator = "A"
                $0.coordinatorLife = lives[value == "a" ? 0 : 1]
            }
        }
        return maker
    }

    @Test(arguments: [HistoryOperation.Condition.match, .absent])
    func aConditionThatHoldsTwiceIsFound(condition: HistoryOperation.Condition) {
        #expect(two(condition).violations(ConditionalWrites(), promises()) == [[2, 1]])
        // Also over a restart, or at another coordinator: its check meets the replicas of the first.
        #expect(two(condition, lives: [1, 2]).violations(ConditionalWrites(), promises()) == [[2, 1]])
    }

    @Test func conditionsOnDifferentContextsMayBothHold() {
        var maker = HistoryMaker()
        for context in ["c", "d"] {
            maker.write("v\(context)", saw: [], context: context)
            maker.amend {
                $0.condition = .match
                $0.coordinator = "A"
                $0.coordinatorLife = 1
            }
        }
        let verdict = maker.verdict(ConditionalWrites(), promises())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 2)
    }

    @Test func twoAtTheSameTimeAreARateUnlessThatIsPromised() {
        let maker = two(.match, at: 5...30)
        let verdict = maker.verdict(ConditionalWrites(), promises())
        #expect(verdict.violationCount == 0)
        #expect(verdict.rate("conditions that held twice at one coordinator, at the same time")?.count == 1)
        #expect(maker.violations(ConditionalWrites(), promises(atOnce: true)) == [[2, 1]])
        #expect(
            two(.match, lives: [1, 2], at: 5...30).violations(ConditionalWrites(), promises(atOnce: true)) == [])
    }

    @Test func whatAFallbackMayHaveCoordinatedIsNotPromisedToExcludeAnother() {
        var maker = two(.absent, at: 5...30)
        maker.amend { $0.isSloppy = true }
        let verdict = maker.verdict(ConditionalWrites(), promises(atOnce: true))
        #expect(verdict.violationCount == 0)
        #expect(verdict.rate("conditions that held twice at one coordinator, at the same time")?.count == 1)
    }

    @Test func twoOfWhichNoQuorumMeetsAreARate() {
        let verdict = two(.absent, r: 1, w: 2).verdict(ConditionalWrites(), promises())
        #expect(verdict.violationCount == 0)
        #expect(verdict.rate("conditions that held twice at one coordinator, where no quorum met")?.count == 1)
    }

    @Test func whatWasDeletedBetweenIsAbsentAgain() {
        func history(_ delete: ClosedRange<Int64>, outcome: HistoryOperation.Outcome) -> HistoryMaker {
            var maker = two(.absent, at: 40...50)
            maker.delete(client: 3, saw: [1], outcome: outcome, at: delete)
            return maker
        }
        #expect(history(20...30, outcome: .ok).violations(ConditionalWrites(), promises()) == [])
        #expect(history(20...30, outcome: .unknown).violations(ConditionalWrites(), promises()) == [])
        #expect(history(20...30, outcome: .failed).violations(ConditionalWrites(), promises()) == [[2, 1]])
        #expect(history(60...70, outcome: .ok).violations(ConditionalWrites(), promises()) == [[2, 1]])
    }

    @Test func successesOfUnknownOutcomeSayNothing() {
        var maker = two(.match)
        maker.amend { $0.outcome = .unknown }
        #expect(maker.verdict(ConditionalWrites(), promises()).violationCount == 0)
    }
}
