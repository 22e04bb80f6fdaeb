import Checking
import StatorCore
import Testing

@Suite struct DotLedgerTests {
    private func dot(_ node: String, _ counter: UInt64, incarnation: UInt64 = 1) -> Dot {
        Dot(actor: Actor(node: NodeID(node), shard: 0, incarnation: incarnation), counter: counter)
    }

    @Test func countersOfAnActorRise() {
        var ledger = DotLedger()
        for counter in [1, 2, 5] as [UInt64] { ledger.issued(dot("A", counter), at: 0) }
        ledger.issued(dot("B", 1), at: 0)
        ledger.issued(dot("A", 1, incarnation: 2), at: 0)
        let verdict = ledger.verdict(Promises())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 5)
        #expect(verdict.measure("actors") == 3)
        #expect(DotLedger().verdict(Promises()).checked == 0)
    }

    @Test func aRepeatedOrEarlierDotIsFound() {
        var ledger = DotLedger()
        for counter in [3, 3, 2, 3, 4] as [UInt64] { ledger.issued(dot("A", counter), at: 0) }
        let verdict = ledger.verdict(Promises())
        #expect(verdict.violationCount == 3)
        #expect(verdict.fails)
        #expect(verdict.violations[0].message.contains("the same dot again"))
    }
}

@Suite struct HintAccountsTests {
    private func account(created: Int, pending: Int, delivered: Int = 1) -> HintAccount {
        HintAccount(
            node: NodeID("A"), created: created, carriedOver: 2, pending: pending, delivered: delivered, covered: 1,
            superseded: 1, cancelled: 1, time: 5)
    }

    @Test func hintsThatBalanceAreFine() {
        var accounts = HintAccounts()
        accounts.add(account(created: 10, pending: 8))
        accounts.add(account(created: 10, pending: 0, delivered: 9))
        #expect(accounts.verdict(Promises()).violationCount == 0)
        #expect(accounts.verdict(Promises()).checked == 2)
    }

    @Test func aHintThatGoesMissingOrIsNegativeIsFound() {
        var accounts = HintAccounts()
        accounts.add(account(created: 10, pending: 7))
        accounts.add(account(created: 1, pending: -1))
        accounts.add(account(created: .max, pending: .max, delivered: .max))
        let verdict = accounts.verdict(Promises())
        #expect(verdict.violationCount == 3)
        #expect(verdict.violations[0].message.contains("accounts for 11 hints"))
    }
}

@Suite struct ConvergenceTests {
    private let nodes = ["A", "B", "C"].map { NodeID($0) }

    private func record(_ node: String, _ key: String, _ digest: UInt64) throws -> HeldRecord {
        HeldRecord(node: NodeID(node), token: Token(UInt64(key.count)), key: try Key(key), digest: Digest(digest))
    }

    private func owners(_ token: Token) -> [NodeID] { [nodes[1], nodes[0]] }

    @Test func equalOwnersHaveConverged() throws {
        let convergence = Convergence(
            records: [
                try record("A", "k", 1), try record("B", "k", 1), try record("B", "l", 2), try record("A", "l", 2),
            ],
            pendingHints: [NodeCount(node: nodes[0], count: 0)], idleRepairs: [NodeCount(node: nodes[0], count: 0)])
        let verdict = convergence.verdict(.all, owners: owners)
        #expect(verdict.violationCount == 0)
        #expect(verdict.rate("keys on which owners differ") == Rate("keys on which owners differ", 0, of: 2))
    }

    @Test func differentMissingAndStrayCopiesAreFound() throws {
        let convergence = Convergence(records: [
            try record("A", "k", 1), try record("B", "k", 2), try record("A", "ll", 1), try record("C", "mmm", 1),
        ])
        let verdict = convergence.verdict(.all, owners: owners)
        #expect(verdict.violations.map(\.key) == ["k", "ll", "mmm"])
        #expect(verdict.violations[1].message.contains("B holds nothing"))
        #expect(verdict.rate("copies held by nodes that do not own them")?.count == 1)
        #expect(verdict.fails)
        #expect(!convergence.verdict(Promises(), owners: owners).fails)
    }

    @Test func leftHintsAndIdleRepairsAreFound() {
        let convergence = Convergence(
            pendingHints: [NodeCount(node: nodes[0], count: 3)],
            idleRepairs: [NodeCount(node: nodes[1], count: 4), NodeCount(node: nodes[2], count: 0)],
            idleDifferences: [NodeCount(node: nodes[2], count: 1)])
        let verdict = convergence.verdict(.all, owners: owners)
        #expect(verdict.violationCount == 3)
        #expect(verdict.measure("hints left") == 3)
        #expect(verdict.measure("idle repair traffic") == 4)
    }
}

@Suite struct RingSafetyTests {
    private let nodes = ["A", "B", "C", "D"].map { NodeID($0) }

    private func drop(coveredBy: [NodeID], isAcknowledged: Bool = true) throws -> DroppedVersion {
        DroppedVersion(
            node: nodes[3], key: try Key("k"), event: 7, isAcknowledged: isAcknowledged, owners: Array(nodes.prefix(3)),
            coveredBy: coveredBy, needed: 2, time: 0)
    }

    @Test func everyRangeHasItsDistinctOwners() {
        var safety = RingSafety()
        safety.placement(of: Epoch(1), owners: [[nodes[0], nodes[1]], [nodes[2], nodes[1]]], replicas: 2)
        #expect(safety.verdict(Promises()).violationCount == 0)
        safety.placement(of: Epoch(2), owners: [[nodes[0], nodes[0]], [nodes[2]]], replicas: 2)
        let verdict = safety.verdict(Promises())
        #expect(verdict.violationCount == 2)
        #expect(verdict.fails)
        #expect(verdict.checked == 4)
    }

    @Test func nodesAgreeOnTheOwnersInOneEpoch() {
        var safety = RingSafety()
        safety.disagreement(in: Epoch(3), between: nodes[0], and: nodes[1])
        #expect(safety.verdict(Promises()).violationCount == 1)
        #expect(safety.verdict(Promises()).fails)
    }

    @Test func aDroppedVersionIsHeldByEnoughOwners() throws {
        var safety = RingSafety()
        safety.dropped(try drop(coveredBy: [nodes[0], nodes[2]]))
        safety.dropped(try drop(coveredBy: [], isAcknowledged: false))
        #expect(safety.verdict(.all).violationCount == 0)
        #expect(safety.verdict(.all).checked == 1)
        // Twice the same owner, and one that owns nothing.
        safety.dropped(try drop(coveredBy: [nodes[0], nodes[0], nodes[3]]))
        #expect(safety.verdict(.all).violations.map(\.operations) == [[7]])
        #expect(safety.verdict(.all).fails)
        #expect(!safety.verdict(Promises()).fails)
    }
}
