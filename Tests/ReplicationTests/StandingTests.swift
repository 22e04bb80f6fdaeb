import Membership
import Replication
import StatorCore
import Testing

/// What a node makes of how the others see it.
@Suite struct StandingTests {
    private static let names = ["A", "B", "C", "D", "E"]
    private static let difference = SettingDifference("partitioner", own: "16 tokens", theirs: "32 tokens")
    private static let refused = LinkTrouble(.refused, "it refuses this node: ...", difference)
    private static let down = LinkTrouble(.unreachable, "no connection can be made")

    private func member(_ name: String) -> Member {
        let endpoint = Endpoint(host: name, port: 7000)
        return Member(
            node: NodeID(name), status: .active, zone: "", weight: 1, peerEndpoint: endpoint, httpEndpoint: endpoint)
    }

    private func link(_ name: String, _ trouble: LinkTrouble?, isUp: Bool = false, seconds: Int64 = 60) -> LinkReport {
        LinkReport(
            node: NodeID(name), endpoint: Endpoint(host: name, port: 7000), isUp: isUp,
            lasting: .milliseconds(seconds * 1000), trouble: trouble)
    }

    private func up(_ name: String) -> LinkReport { link(name, nil, isUp: true) }

    /// Of the first of so many members.
    private func standing(_ count: Int, _ links: [LinkReport], dead: [String] = []) -> Standing {
        let members = Self.names.prefix(count).map(member)
        return Standing(
            node: NodeID("A"), view: View(epoch: Epoch(1), members: members), links: links,
            reports: members.map { member in
                MemberReport(
                    member: member, liveness: dead.contains(member.node.name) ? .dead : .alive, generation: 1,
                    heartbeat: 1, phi: nil, lastHeard: nil)
            })
    }

    @Test func allLinksUpIsFine() {
        let standing = standing(3, [up("B"), up("C")])
        #expect(standing.notReadyReason == nil && standing.problems.isEmpty)
        #expect(self.standing(1, []).notReadyReason == nil && self.standing(1, []).problems.isEmpty)
    }

    @Test func whomMostMembersRefuseIsNotReadyAndSaysWhy() throws {
        let standing = standing(4, ["B", "C", "D"].map { link($0, Self.refused, seconds: 0) })
        let reason = try #require(standing.notReadyReason)
        #expect(reason == "B, C and D refuse this node: partitioner is 16 tokens here and 32 tokens there")
        #expect(standing.problems.first == reason)
        #expect(standing.problems.last?.contains("1 of 4 members") == true)
    }

    /// However the members fall apart, those with the settings of at least half of them stay ready.
    @Test(arguments: [(2, 1), (3, 1), (4, 1), (4, 2), (5, 1), (5, 2)])
    func atLeastHalfOfTheMembersNeverCountAsRefused(_ members: Int, _ refusing: Int) {
        let others = Self.names.prefix(members).dropFirst()
        let links = others.enumerated().map { $0.offset < refusing ? link($0.element, Self.refused) : up($0.element) }
        let standing = standing(members, links)
        #expect(standing.notReadyReason == nil)
        #expect(!standing.problems.isEmpty, "it is told all the same")
    }

    @Test func othersThatAreDownMakeNobodyUnready() {
        let alone = standing(4, ["B", "C", "D"].map { link($0, Self.down) })
        #expect(alone.notReadyReason == nil)
        #expect(alone.problems.count == 1 && alone.problems[0].contains("no majority"))
        #expect(alone.problems[0].contains("B at B:7000: no connection can be made"))
        #expect(standing(4, [up("B"), up("C"), link("D", Self.down)]).problems.isEmpty)
        #expect(standing(4, [up("B"), link("C", Self.down), link("D", Self.down)]).problems.count == 1)
        #expect(standing(3, [up("B"), up("C")], dead: ["B", "C"]).problems.count == 1, "links without heartbeats")
    }

    @Test func aRestartTakesItsTime() {
        let links = [up("B"), link("C", Self.down, seconds: 4), link("D", Self.down, seconds: 4)]
        #expect(standing(4, links).problems.isEmpty)
    }

    @Test func aNodeIsNotReadyBeforeItHasTriedAllOthersButDoesNotWaitForLong() {
        let links = [up("B"), link("C", nil, seconds: 1)]
        #expect(standing(3, links).notReadyReason?.contains("C has not answered yet") == true)
        #expect(standing(3, [up("B"), link("C", nil, seconds: 2)]).notReadyReason == nil)
        #expect(standing(3, [up("B"), link("C", Self.down, seconds: 0)]).notReadyReason == nil)
        #expect(standing(3, [up("B"), up("C"), link("X", nil, seconds: 0)]).notReadyReason == nil, "no member")
    }

    @Test func aNodeWithoutRoomRefusesNobody() {
        let full = LinkTrouble(.full, "it refuses this node: too many connections are open")
        #expect(standing(3, [link("B", full), link("C", full)]).notReadyReason == nil)
    }
}
