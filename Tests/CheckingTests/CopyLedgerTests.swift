import Checking
import StatorCore
import Testing

@Suite struct AcknowledgedCopiesTests {
    private func found(_ candidates: [AcknowledgedCopies.OwnerSets], isStrict: Bool = true) throws -> Verdict {
        var fixture = try BookFixture(seen: [2: [1]])
        fixture.hold(0, 1)
        fixture.hold(1, 2)
        fixture.hint(4, for: 2, 1)
        var ledger = AcknowledgedCopies()
        ledger.acknowledged(
            fixture.write(1, isStrict: isStrict), key: fixture.key, candidates: candidates, coordinator: 0,
            fixture.book)
        return ledger.verdict(isPromised: true)
    }

    @Test func enoughOwnersHoldIt() throws {
        let verdict = try found([[[0, 1, 2]]])
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 1)
    }

    @Test func tooFewOwnersAreFound() throws {
        let verdict = try found([[[0, 2, 3]]])
        #expect(verdict.fails)
        #expect(verdict.violations[0].message.contains("1 of the owners' places (A, C, D)"))
        #expect(verdict.violations[0].operations == [1])
    }

    @Test func aHintFillsThePlaceOfItsTargetOnlyInASloppyRequest() throws {
        #expect(try found([[[0, 2, 3]]], isStrict: false).violationCount == 0)
        #expect(try found([[[0, 3]]], isStrict: false).violationCount == 1)
    }

    /// During a change of the ring both sets of owners need W, by one state that the coordinator held.
    @Test func oldAndNewOwnersNeedIt() throws {
        #expect(try found([[[0, 1, 2], [0, 1, 3]]]).violationCount == 0)
        #expect(try found([[[0, 1, 2], [0, 2, 3]]]).violationCount == 1)
        #expect(try found([[[0, 1, 2], [0, 2, 3]], [[0, 1, 2]]]).violationCount == 0)
    }

    @Test func fewerOwnersThanAskedForAreAll() throws {
        #expect(try found([[[1]]]).violationCount == 0)
        #expect(try found([[[2]]]).violationCount == 1)
    }
}

@Suite struct RemainingCopiesTests {
    @Test func aCopyThatIsMissedIsFoundOnce() throws {
        var fixture = try BookFixture()
        for node in 0..<3 { fixture.hold(node, 1) }
        var ledger = RemainingCopies()
        let writes = [fixture.write(1)]
        func remove(_ node: Int) {
            fixture.book.setRecord(of: fixture.key, at: node, to: CopyBook.nothing)
            ledger.removed(
                .drop, key: fixture.key, at: node, writes, replicas: 3, owners: { [0, 1, 2] }, time: 9, fixture.book)
        }
        remove(0)
        #expect(ledger.verdict(isPromised: true).violationCount == 0)
        remove(1)
        remove(2)
        let verdict = ledger.verdict(isPromised: true)
        #expect(verdict.violationCount == 1)
        #expect(verdict.rates[0].count == 2)
        #expect(verdict.violations[0].message.contains("is left at C"))
    }

    @Test func destroyedCopiesAreNotAskedFor() throws {
        var fixture = try BookFixture()
        for node in 0..<3 { fixture.hold(node, 1) }
        fixture.book.wiped(2)
        fixture.book.setRecord(of: fixture.key, at: 1, to: CopyBook.nothing)
        var ledger = RemainingCopies()
        ledger.removed(
            .drop, key: fixture.key, at: 1, [fixture.write(1)], replicas: 3, owners: { [0, 1, 2] }, time: 9,
            fixture.book)
        #expect(ledger.verdict(isPromised: true).violationCount == 0)
        #expect(ledger.verdict(isPromised: true).checked == 1)
    }
}

@Suite struct CountingAnswersTests {
    @Test func aLostDiskCountsOnceItHoldsAgainWhatItHeld() throws {
        var fixture = try BookFixture(seen: [2: [1]])
        fixture.hold(0, 1)
        let (lost, later, writes) = (fixture.state(3), fixture.state(2), [fixture.write(1)])
        fixture.book.wiped(0)
        var ledger = CountingAnswers()
        ledger.answered(by: 0, key: fixture.key, state: later, writes, time: 9, fixture.book)
        // One that never held it does not have to.
        ledger.answered(by: 1, key: fixture.key, state: CopyBook.nothing, writes, time: 9, fixture.book)
        #expect(ledger.verdict(isPromised: true).violationCount == 0)
        ledger.answered(by: 0, key: fixture.key, state: lost, writes, time: 9, fixture.book)
        #expect(ledger.verdict(isPromised: true).violationCount == 1)
        #expect(ledger.verdict(isPromised: true).checked == 3)
    }

    @Test func aStrictReadAsksNoFallback() throws {
        let fixture = try BookFixture()
        var ledger = CountingAnswers()
        ledger.fallbackAsked(3, key: fixture.key, time: 9, fixture.book)
        #expect(ledger.verdict(isPromised: true).fails)
    }
}

@Suite struct FreshnessTests {
    @Test func aReadShowsWhatWasAcknowledgedBeforeIt() throws {
        var fixture = try BookFixture(seen: [2: [1]])
        var ledger = Freshness()
        let before = [fixture.write(1)]
        func read(_ shown: Int...) {
            ledger.read(
                9, key: fixture.key, shown: shown.map { fixture.number($0) }, before: before, begun: 6, fixture.book)
        }
        read(1)
        read(3, 2)
        #expect(ledger.verdict(isPromised: true).violationCount == 0)
        read(3)
        read()
        let verdict = ledger.verdict(isPromised: true)
        #expect(verdict.violationCount == 2)
        #expect(verdict.checked == 4)
        #expect(!ledger.verdict(isPromised: false).fails)
    }
}
