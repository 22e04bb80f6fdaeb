import Checking
import StatorCore
import Testing

@Suite struct HintEndTests {
    private func ended(
        _ fixture: BookFixture, _ state: Int, next: Int = CopyBook.nothing, owners: [Int] = [0, 1, 2]
    ) -> Verdict {
        var accounts = HintAccounts()
        accounts.ended(
            EndedHint(
                key: fixture.key, holder: 4, target: 0, state: state, next: next, owners: owners,
                time: 5), fixture.book)
        return accounts.verdict(Promises())
    }

    @Test func aHintEndsWhereItsTargetHoldsIt() throws {
        var fixture = try BookFixture(seen: [2: [1]])
        let state = fixture.state(1)
        #expect(ended(fixture, state).violationCount == 1)
        fixture.hold(0, 2)
        #expect(ended(fixture, state).violationCount == 0)
        fixture.book.wiped(0)
        #expect(ended(fixture, state).violationCount == 0)
    }

    @Test func aHintIsReplacedByWhatHasSeenIt() throws {
        var fixture = try BookFixture(seen: [2: [1]])
        let (one, two) = (fixture.state(1), fixture.state(2))
        #expect(ended(fixture, one, next: two).violationCount == 0)
        #expect(ended(fixture, two, next: one).violationCount == 1)
    }

    @Test func aHintWhoseTargetOwnsNothingGoesToAllOwners() throws {
        var fixture = try BookFixture()
        let state = fixture.state(1)
        fixture.hold(1, 1)
        #expect(ended(fixture, state, owners: [1, 2]).violationCount == 1)
        fixture.hold(2, 1)
        #expect(ended(fixture, state, owners: [1, 2]).violationCount == 0)
    }

    @Test func onlyDamageIsAnAccountOfItsOwn() throws {
        var fixture = try BookFixture()
        let state = fixture.state(1)
        #expect(ended(fixture, state).violationCount == 1)
        fixture.book.doubted(4)
        #expect(ended(fixture, state).violationCount == 0)
    }

    /// Of a damaged disk what was there by then counts as damaged, and nothing that it kept later.
    @Test func whatADamagedDiskHeldIsAnAccountOfItsOwn() throws {
        var fixture = try BookFixture()
        let (before, after) = (fixture.state(1), fixture.state(2))
        fixture.hold(4, 1)
        fixture.book.wiped(4)
        #expect(ended(fixture, before).violationCount == 0)
        #expect(ended(fixture, after).violationCount == 1)
    }

    @Test func aHintThatNobodyKnowsOfIsFound() throws {
        let fixture = try BookFixture()
        var accounts = HintAccounts()
        accounts.look(at: 1, known: 2, stored: 2, time: 5, fixture.book)
        #expect(accounts.verdict(Promises()).violationCount == 0)
        accounts.look(at: 1, known: 2, stored: 3, time: 5, fixture.book)
        accounts.vanished(key: fixture.key, holder: 1, target: 0, time: 5, fixture.book)
        #expect(accounts.verdict(Promises()).violationCount == 2)
        #expect(accounts.verdict(Promises()).fails)
    }
}
