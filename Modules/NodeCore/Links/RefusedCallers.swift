package import Replication
package import StatorCore
package import Wire

/// The nodes that this one did not let in lately, so that people are told without reading logs. One entry for each name;
/// bounded, and forgotten as soon as the node is let in, or calls no more.
package struct RefusedCallers: Sendable {
    private struct Entry: Sendable {
        var name: NodeID?
        var address: String
        var refusal: HandshakeRefusal
        var refusals: Int
        var last: Instant
    }

    /// In the order of their last refusals.
    private var entries: [Entry] = []

    package init() {}

    /// - Parameters:
    ///   - hello: what the caller said of itself, where it could be read.
    ///   - source: the host that it called from.
    /// - Complexity: O(``NodeCoreLimits/rememberedRefusals``).
    package mutating func note(_ hello: Hello?, _ refusal: HandshakeRefusal, from source: String, now: Instant) {
        let address = hello?.peerEndpoint.description ?? source
        var refusals = 1
        let known = entries.firstIndex { entry in
            entry.name == hello?.node && (entry.name != nil || entry.address == address)
        }
        if let known { refusals += entries.remove(at: known).refusals }
        if entries.count == NodeCoreLimits.rememberedRefusals { entries.removeFirst() }
        entries.append(
            Entry(name: hello?.node, address: address, refusal: refusal, refusals: refusals, last: now))
    }

    /// The node was let in.
    package mutating func forget(_ node: NodeID) {
        entries.removeAll { $0.name == node }
    }

    /// Those that still call, the latest last.
    package func reports(now: Instant) -> [RefusedCaller] {
        entries.compactMap { entry in
            let age = now.elapsed(since: entry.last)
            guard age <= NodeCoreLimits.refusalMemory else { return nil }
            return RefusedCaller(
                node: entry.name, address: entry.address, reason: entry.refusal.description,
                difference: entry.refusal.difference(ownIsHere: true), refusals: entry.refusals, age: age)
        }
    }
}

extension LinkTrouble {
    /// The other end does not let this one in.
    init(_ refusal: HandshakeRefusal) {
        let cause: Cause =
            switch refusal {
            case .tooManyConnections: .full
            case .version, .cluster, .shards, .different, .sameName: .refused
            }
        self.init(cause, "it refuses this node: \(refusal)", refusal.difference(ownIsHere: false))
    }
}

extension HandshakeRefusal {
    /// - Parameter ownIsHere: whether the node that shows it is the one that refused.
    func difference(ownIsHere: Bool) -> SettingDifference? {
        func made(_ setting: String, _ here: String, _ there: String) -> SettingDifference {
            ownIsHere
                ? SettingDifference(setting, own: here, theirs: there)
                : SettingDifference(setting, own: there, theirs: here)
        }
        return switch self {
        case .version(let here, let there): made("protocol version", "\(here)", "\(there)")
        case .cluster(let here, let there): made("cluster.name", here, there)
        case .shards(let here, let there): made("node.shards", "\(here)", "\(there)")
        case .different(let setting, let here, let there): made(setting, here, there)
        case .sameName, .tooManyConnections: nil
        }
    }
}
