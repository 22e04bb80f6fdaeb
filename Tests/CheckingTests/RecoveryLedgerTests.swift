import Checking
import StatorCore
import Testing

@Suite struct RecoveryLedgerTests {
    private let key: Key
    private let other: Key

    init() throws {
        key = try Key("k")
        other = try Key("l")
    }

    private func opened() -> (RecoveryLedger, Int) {
        var ledger = RecoveryLedger()
        let store = ledger.open(node: NodeID("A"), shard: 0, store: "records")
        return (ledger, store)
    }

    @Test func anAcknowledgedStateOrALaterOneComesBack() {
        for found in [1, 2, 3] as [UInt64] {
            var (ledger, store) = opened()
            let first = ledger.submitted(in: store, key, Digest(1))
            _ = ledger.submitted(in: store, key, Digest(2))
            _ = ledger.submitted(in: store, key, Digest(3))
            ledger.acknowledged(in: store, first)
            ledger.restarted(in: store, found: [(key, Digest(found))])
            #expect(ledger.verdict(.all).violationCount == 0)
            #expect(ledger.verdict(.all).checked == 1)
        }
    }

    @Test func anEarlierStateIsALoss() {
        var (ledger, store) = opened()
        _ = ledger.submitted(in: store, key, Digest(1))
        ledger.acknowledged(in: store, ledger.submitted(in: store, key, Digest(2)))
        ledger.restarted(in: store, found: [(key, Digest(1))])
        let verdict = ledger.verdict(.all)
        #expect(verdict.violationCount == 1)
        #expect(verdict.fails)
        #expect(verdict.violations[0].key == "k")
        #expect(verdict.violations[0].message.contains("A/0/records"))
    }

    @Test func anAbsentKeyIsALossUnlessItWasRemoved() {
        var (ledger, store) = opened()
        ledger.acknowledged(in: store, ledger.submitted(in: store, key, Digest(1)))
        ledger.acknowledged(in: store, ledger.submitted(in: store, other, Digest(1)))
        _ = ledger.submitted(in: store, other, nil)
        ledger.restarted(in: store, found: [])
        #expect(ledger.verdict(.all).violations.map(\.key) == ["k"])
    }

    @Test func aRemovedKeyDoesNotComeBack() {
        var (ledger, store) = opened()
        _ = ledger.submitted(in: store, key, Digest(1))
        ledger.acknowledged(in: store, ledger.submitted(in: store, key, nil))
        ledger.restarted(in: store, found: [(key, Digest(1)), (other, Digest(5))])
        // Neither does one that was never there appear.
        #expect(ledger.verdict(.all).violations.map(\.key) == ["k", "l"])
    }

    @Test func nothingUnacknowledgedIsOwed() {
        var (ledger, store) = opened()
        _ = ledger.submitted(in: store, key, Digest(1))
        ledger.restarted(in: store, found: [])
        #expect(ledger.verdict(.all).violationCount == 0)
    }

    @Test func whatAPowerCutLeftStays() {
        var (ledger, store) = opened()
        let ticket = ledger.submitted(in: store, key, Digest(1))
        ledger.restarted(in: store, found: [(key, Digest(1))])
        // An acknowledgement from before the crash says nothing about now.
        ledger.acknowledged(in: store, ticket)
        ledger.restarted(in: store, found: [])
        #expect(ledger.verdict(.all).violationCount == 1)
    }

    @Test func whatAnEndedProcessLeftUnacknowledgedMayStillGo() {
        var (ledger, store) = opened()
        _ = ledger.submitted(in: store, key, Digest(1))
        ledger.restarted(in: store, found: [(key, Digest(1))], lostPower: false)
        ledger.restarted(in: store, found: [])
        #expect(ledger.verdict(.all).violationCount == 0)
    }

    @Test func oneSyncAcknowledgesAllBeforeIt() {
        var (ledger, store) = opened()
        _ = ledger.submitted(in: store, key, Digest(1))
        let last = ledger.submitted(in: store, other, Digest(2))
        _ = ledger.submitted(in: store, other, Digest(3))
        ledger.acknowledgedAll(in: store, upTo: last)
        ledger.restarted(in: store, found: [(other, Digest(3))])
        #expect(ledger.verdict(.all).violations.map(\.key) == ["k"])
    }

    @Test func aWipedStoreOwesNothingUntilItWasReadAgain() {
        var (ledger, store) = opened()
        ledger.acknowledged(in: store, ledger.submitted(in: store, key, Digest(1)))
        ledger.forgotten(in: store)
        ledger.restarted(in: store, found: [(other, Digest(9))])
        #expect(ledger.verdict(.all).violationCount == 0)
        #expect(ledger.verdict(.all).measure("keys not looked at") == 2)
        ledger.restarted(in: store, found: [])
        #expect(ledger.verdict(.all).violations.map(\.key) == ["l"])
    }

    @Test func storesAreApart() {
        var (ledger, store) = opened()
        let second = ledger.open(node: NodeID("B"), shard: 1, store: "hints")
        ledger.acknowledged(in: store, ledger.submitted(in: store, key, Digest(1)))
        ledger.restarted(in: second, found: [])
        #expect(ledger.verdict(.all).violationCount == 0)
        ledger.restarted(in: second, found: [(key, Digest(1))])
        #expect(ledger.verdict(.all).violations.count == 1)
    }

    @Test func memoryForUnacknowledgedStatesIsBounded() {
        var (ledger, store) = opened()
        let count = StoreRecovery.maximumPending + 5
        let tickets = (0..<count).map { ledger.submitted(in: store, key, Digest(UInt64($0))) }
        // The first states are forgotten: anything may come back, though nothing is claimed to have been looked at.
        ledger.acknowledged(in: store, tickets[2])
        ledger.restarted(in: store, found: [(key, Digest(77_777))], lostPower: false)
        #expect(ledger.verdict(.all).violationCount == 0)
        #expect(ledger.verdict(.all).measure("keys not looked at") == 1)
        // A later acknowledgement makes it strict again.
        ledger.acknowledged(in: store, tickets[count - 1])
        ledger.restarted(in: store, found: [(key, Digest(3))])
        #expect(ledger.verdict(.all).violationCount == 1)
    }

    /// Against a list of all states that the key may have.
    @Test func theLedgerAgreesWithAListOfStates() {
        var random = RandomGenerator(seed: 5)
        var (ledger, store) = opened()
        /// The allowed states, the acknowledged one first, with their tickets.
        var allowed: [(state: UInt64?, ticket: StoreTicket?)] = [(nil, nil)]
        var expected = 0
        for step in 1...2000 as ClosedRange<UInt64> {
            switch random.below(10) {
            case 0:
                let found = random.chance(0.8) ? allowed[random.below(allowed.count)].state : step
                if !allowed.contains(where: { $0.state == found }) { expected += 1 }
                ledger.restarted(in: store, found: found.map { [(key, Digest($0))] } ?? [])
                allowed = [(found, nil)]
            case 1...3 where allowed.count > 1:
                let index = 1 + random.below(allowed.count - 1)
                if let ticket = allowed[index].ticket {
                    if random.chance(0.5) {
                        ledger.acknowledged(in: store, ticket)
                    } else {
                        ledger.acknowledgedAll(in: store, upTo: ticket)
                    }
                }
                allowed.removeFirst(index)
            default:
                let state = random.chance(0.2) ? nil : step
                allowed.append((state, ledger.submitted(in: store, key, state.map { Digest($0) })))
            }
            #expect(ledger.verdict(.all).violationCount == expected, "step \(step)")
        }
        #expect(expected > 10)
    }
}
