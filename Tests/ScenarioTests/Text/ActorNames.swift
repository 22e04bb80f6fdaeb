import Replication
import Simulation
import StatorCore

/// Short stable names for those who issue dots: a node's name, with a prime for every further incarnation.
struct ActorNames {
    private var incarnations: [(actor: Actor, name: String)] = []

    /// Learns who issues dots now.
    mutating func note(_ cluster: SimulatedCluster) {
        for node in cluster.names where cluster.isUp(node) {
            for shard in cluster.inspection(of: node)
            where shard.actor.incarnation != 0 && !incarnations.contains(where: { $0.actor == shard.actor }) {
                let earlier = incarnations.count { $0.actor.node == node && $0.actor.shard == shard.actor.shard }
                let base = shard.actor.shard == 0 ? node.name : "\(node)/\(shard.actor.shard)"
                incarnations.append((shard.actor, base + String(repeating: "'", count: earlier)))
            }
        }
    }

    /// Causal metadata as a resolver describes it, with these names in place of incarnations and in their order, and
    /// without wall times.
    func shortened(_ causality: String) -> String {
        var text = causality.replacing(#/^-?[0-9]+ µs at /#, with: "")
        for (actor, name) in incarnations {
            let start = Token(actor.incarnation).description.prefix(4)
            text = text.replacing("\(actor.node)/\(actor.shard)/\(start)…", with: name)
        }
        let ordered = text.replacing(#/\{([^}]*)\}/#) { "{\(Self.ordered(String($0.1)))}" }
        return ordered.split(separator: " | ").sorted().joined(separator: " | ")
    }

    /// Resolvers list actors in the order of their incarnations, which are random.
    private static func ordered(_ list: String) -> String {
        func name(_ entry: Substring) -> Substring { entry.prefix { $0 != ":" } }
        return list.split(separator: ", ").sorted { name($0) < name($1) }.joined(separator: ", ")
    }
}
