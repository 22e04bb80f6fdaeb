package import Membership
package import StatorCore

/// What a node can tell of its own place among the members, from its links to them and from their heartbeats.
///
/// A value: the same links make the same judgement.
package struct Standing: Sendable {
    /// A link may be down for so long before that is told: a restarted node is found again within it.
    package static let grace = Duration.seconds(5)
    /// A link that has not ended its first attempt by then counts as tried.
    static let firstAttempt = Duration.seconds(2)

    private let members: Int
    /// To the other members.
    private let links: [LinkReport]
    private let dead: [NodeID]

    /// - Parameter reports: the liveness of members; dead ones are not reached.
    package init(node: NodeID, view: View, links: [LinkReport], reports: [MemberReport]) {
        members = view.members.count
        self.links = links.filter { view.contains($0.node) && $0.node != node }
        dead = reports.filter { $0.liveness == .dead }.map(\.member.node)
    }

    /// Why the node should not be sent requests, or `nil`: it has not tried all the others yet, or more than half of all
    /// members refuse it.
    ///
    /// Refusals go by settings, which are the same or not for both ends: nodes with the settings of at least half of the
    /// members never count as refused, so the odd ones drop out and the cluster serves on. That others are down, or are
    /// not reached, is no reason: a node answers what its quorums allow, and it cannot know on which side the fault is.
    package var notReadyReason: String? {
        if let untried = links.first(where: { !$0.isUp && $0.trouble == nil && $0.lasting < Standing.firstAttempt }) {
            return "it is being linked to the others: \(untried.node) has not answered yet"
        }
        return links.count(where: \.isRefused) * 2 > members ? refusals.joined(separator: "; ") : nil
    }

    /// What is wrong, in sentences; none where all is well.
    package var problems: [String] { refusals + [isolation].compactMap(\.self) }

    /// Who refuses this node, those with the same reason together.
    private var refusals: [String] {
        var groups: [(trouble: LinkTrouble, nodes: [String])] = []
        for link in links where link.isRefused {
            guard let trouble = link.trouble else { continue }
            if let known = groups.firstIndex(where: { $0.trouble == trouble }) {
                groups[known].nodes.append(link.node.name)
            } else {
                groups.append((trouble, [link.node.name]))
            }
        }
        return groups.map { trouble, nodes in
            let who = "\(Standing.list(nodes)) \(nodes.count == 1 ? "refuses" : "refuse") this node"
            return "\(who): \(trouble.difference?.description ?? trouble.reason)"
        }
    }

    /// That no majority of the members is reached, and why; what ends by itself within the grace is not told.
    private var isolation: String? {
        let missed = links.filter(isMissed)
        let reached = members - missed.count
        guard members > 1, reached * 2 <= members else { return nil }
        let reasons = missed.map { "\($0.node) at \($0.endpoint): \(Standing.reason($0))" }
        let shown = reasons.prefix(8).joined(separator: "; ") + (reasons.count > 8 ? "; ..." : "")
        return "this node reaches \(reached) of \(members) members, itself among them, which is no majority (\(shown))"
    }

    private static func reason(_ link: LinkReport) -> String {
        if link.isUp { return "its heartbeats do not come" }
        return link.isRefused ? "it refuses this node" : link.trouble?.reason ?? "it does not answer"
    }

    private func isMissed(_ link: LinkReport) -> Bool {
        if link.isUp { return dead.contains(link.node) }
        return link.isRefused || (link.trouble != nil && link.lasting >= Standing.grace)
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension LinkReport {
    /// Whether the other end will not have this node as it is.
    package var isRefused: Bool { trouble?.cause == .refused }
}
