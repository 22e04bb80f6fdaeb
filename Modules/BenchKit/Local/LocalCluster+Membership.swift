internal import NIOCore
internal import NIOHTTP1
internal import NodeClient

/// A node's part of the ring, as `/ring` shows it.
package struct RingShare: Hashable, Sendable {
    package let node: String
    /// `active`, `joining` or `leaving`.
    package let status: String
    /// Of all keys, those whose first replica it is: 0 ... 1.
    package let primary: Double
    /// Of all keys, those that it is a replica of: 0 ... 1. Over all nodes these add up to N.
    package let replica: Double

    package init(node: String, status: String, primary: Double, replica: Double) {
        self.node = node
        self.status = status
        self.primary = primary
        self.replica = replica
    }
}

/// Members come and go through the admin interface.
extension LocalCluster {
    /// An accepted change is answered once the members have agreed on it.
    private static let changeLimit = TimeAmount.seconds(30)

    /// Asks a running outsider to join. Does not wait until it has: ``waitUntilRingIsStable(within:)`` does.
    /// - Throws: ``LocalError/refused(node:action:why:)``, as with a membership strategy that accepts no changes.
    package func join(_ name: String) async throws(LocalError) {
        let index = try index(of: name)
        _ = try nodes[index].running()
        try await ask(nodes[index], "/admin/join", "join")
        nodes[index].isMember = true
    }

    /// Asks a member to leave, or another member where it does not run. Does not wait until it has. Its process goes on.
    package func leave(_ name: String) async throws(LocalError) {
        let index = try index(of: name)
        nodes[index].look()
        if nodes[index].state == .running {
            try await ask(nodes[index], "/admin/leave", "leave")
        } else {
            guard let other = nodes.first(where: { $0.isMember && $0.state == .running }) else {
                throw .notRunning(node: name)
            }
            try await ask(other, "/admin/leave?node=\(percentEncoded(name))", "let \(name) leave")
        }
        nodes[index].isMember = false
    }

    private func ask(_ node: LocalNode, _ target: String, _ action: String) async throws(LocalError) {
        let answer = try await Self.answer(node, target, method: .POST, limit: Self.changeLimit)
        guard answer.status == 202 else { throw .refused(node: node.name, action: action, why: answer.errorMessage) }
    }

    /// Waits until every member that runs sees the members that there should be, all active, and no change under way.
    /// - Throws: ``LocalError``, as ``waitUntilReady(within:)`` does.
    package func waitUntilRingIsStable(within limit: Duration = .seconds(120)) async throws(LocalError) {
        let deadline = ContinuousClock.now + limit
        let expected = nodes.filter(\.isMember).map(\.name).sorted()
        for index in nodes.indices where nodes[index].isMember && nodes[index].isAskedToRun && !nodes[index].isPaused {
            try await wait(for: index, until: deadline, limit: limit) { node in
                do throws(LocalError) {
                    let ring = try await Self.page(node, "/ring")
                    let shares = Self.shares(ring)
                    let active = shares.filter { $0.status == "active" }.map(\.node).sorted()
                    guard active == expected, shares.count == active.count else {
                        let seen = shares.map { "\($0.node) \($0.status)" }.joined(separator: ", ")
                        return "it sees \(seen), expected \(expected.joined(separator: ", "))"
                    }
                    return ring["changing"].isTrue ? "a change of members is under way" : nil
                } catch {
                    return "\(error)"
                }
            }
        }
    }

    /// Each member's part of the ring, as the first member that answers sees it, in its order.
    package func ringShares() async throws(LocalError) -> [RingShare] {
        var last = LocalError.notRunning(node: names[0])
        for node in nodes where node.isMember && node.state == .running {
            do throws(LocalError) {
                return Self.shares(try await Self.page(node, "/ring"))
            } catch {
                last = error
            }
        }
        throw last
    }

    private static func shares(_ ring: JSONValue) -> [RingShare] {
        ring["nodes"].elements.map { node in
            RingShare(
                node: node["node"].text ?? "", status: node["status"].text ?? "",
                primary: node["primary_share"].double ?? 0, replica: node["replica_share"].double ?? 0)
        }
    }
}
