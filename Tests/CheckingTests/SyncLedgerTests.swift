import Checking
import StatorCore
import Testing

@Suite struct SyncSessionsTests {
    /// A session of A with B that began when A held event 1 and B event 2.
    private func begun(_ fixture: inout BookFixture) -> WatchedSession {
        fixture.hold(0, 1)
        fixture.hold(1, 2)
        return WatchedSession(
            initiator: 0, peer: 1, range: .full, begun: 5, keys: [fixture.key], fixture.book)
    }

    private func verdict(
        _ session: WatchedSession, _ fixture: BookFixture, at ends: [Int] = [0, 1], isCausal: Bool = true,
        mayHold: Bool = true
    ) -> Verdict {
        var ledger = SyncSessions(isCausal: isCausal)
        ledger.began()
        for end in ends { ledger.succeeded(session, "A#1", at: end, time: 9, fixture.book) { _ in mayHold } }
        return ledger.verdict(isPromised: true)
    }

    @Test func bothEndsHoldWhatEitherHeld() throws {
        var fixture = try BookFixture(seen: [3: [1, 2], 4: [3]])
        let session = begun(&fixture)
        fixture.hold(0, 3)
        // A write came in between.
        fixture.hold(1, 4)
        let verdict = verdict(session, fixture)
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 2)
    }

    @Test func anEndThatLacksWhatTheOtherHeldIsFound() throws {
        var fixture = try BookFixture(seen: [3: [1, 2], 4: [2]])
        let session = begun(&fixture)
        fixture.hold(0, 3)
        fixture.hold(1, 4)
        #expect(verdict(session, fixture, at: [0]).violationCount == 0)
        #expect(verdict(session, fixture, at: [1]).violations[0].message.contains("B does not hold all that A held"))
        fixture.book.isFailing[1] = true
        #expect(verdict(session, fixture, at: [1]).violations[0].message.contains("a store had failed at B"))
    }

    @Test func equalEndsAreNotWatched() throws {
        var fixture = try BookFixture()
        fixture.hold(0, 1)
        fixture.hold(1, 1)
        let session = WatchedSession(
            initiator: 0, peer: 1, range: .full, begun: 5, keys: [fixture.key], fixture.book)
        #expect(session.differences.isEmpty)
    }

    @Test func whatAnEndMayNotHoldAnyMoreIsNotAskedFor() throws {
        var fixture = try BookFixture()
        let session = begun(&fixture)
        #expect(verdict(session, fixture, mayHold: false).checked == 0)
        fixture.book.setRecord(of: fixture.key, at: 1, to: CopyBook.nothing)
        #expect(verdict(session, fixture, at: [1]).checked == 0)
    }

    /// Where a resolver drops what is concurrent, a key counts that nobody touched.
    @Test func withoutCausalityAnUntouchedDifferenceIsFound() throws {
        var fixture = try BookFixture()
        let session = begun(&fixture)
        #expect(verdict(session, fixture, at: [0], isCausal: false).violationCount == 1)
        fixture.hold(1, 7)
        #expect(verdict(session, fixture, isCausal: false).violationCount == 0)
    }
}

@Suite struct SyncIndexesTests {
    @Test func aDifferenceIsAViolation() {
        var ledger = SyncIndexes()
        ledger.looked(at: NodeID("A"), shard: 0, .start, keys: 4, difference: nil, time: 5)
        #expect(ledger.verdict(isPromised: true).violationCount == 0)
        ledger.looked(at: NodeID("A"), shard: 0, .session, keys: 4, difference: "1 leaf", time: 5)
        let verdict = ledger.verdict(isPromised: true)
        #expect(verdict.fails)
        #expect(verdict.checked == 2)
        #expect(verdict.violations[0].message.contains("A/0"))
    }
}

@Suite struct SwallowedWriteTests {
    @Test func anAcknowledgedWriteIsMadeAndStored() {
        var ledger = DotLedger()
        ledger.acknowledged(1, key: "k", isMade: true, isStored: true, at: 5)
        #expect(ledger.verdict(Promises()).violationCount == 0)
        ledger.acknowledged(2, key: "k", isMade: true, isStored: false, at: 5)
        ledger.acknowledged(3, key: "k", isMade: false, isStored: false, at: 5)
        ledger.acknowledged(4, key: "k", isMade: true, isStored: false, isKept: false, at: 5)
        let verdict = ledger.verdict(Promises())
        #expect(verdict.violationCount == 2)
        #expect(verdict.rate("dots that did not rise")?.count == 0)
        #expect(verdict.rate("acknowledged writes that were swallowed")?.count == 3)
        #expect(verdict.fails)
    }
}
