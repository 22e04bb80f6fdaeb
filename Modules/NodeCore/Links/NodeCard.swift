internal import Hashing
internal import Partitioning
package import Replication
package import StatorCore
package import Wire

/// What a node says of itself in handshakes.
package struct NodeCard: Sendable {
    let cluster: String
    package let node: NodeID
    let peerEndpoint: Endpoint
    let generation: UInt64
    package let shards: Int
    private let agreement: ClusterAgreement
    private let founders: Founders

    package init(
        cluster: String, node: NodeID, peerEndpoint: Endpoint, generation: UInt64, shards: Int,
        agreement: ClusterAgreement, founders: Founders
    ) {
        self.founders = founders
        self.cluster = cluster
        self.node = node
        self.peerEndpoint = peerEndpoint
        self.generation = generation
        self.shards = shards
        self.agreement = agreement
    }

    /// - Parameter view: what the node starts with.
    package init(blueprint: NodeBlueprint, generation: UInt64, view: View) {
        founders = Founders(view: view, node: blueprint.member.node)
        cluster = blueprint.cluster
        node = blueprint.member.node
        peerEndpoint = blueprint.member.peerEndpoint
        self.generation = generation
        shards = blueprint.shards
        agreement = ClusterAgreement(
            hash: blueprint.partitioner.hash.rawValue, partitioner: blueprint.partitionerText,
            conflictResolver: blueprint.kinds.conflictResolver, replicas: blueprint.replication.replicas)
    }

    private var presentAgreement: ClusterAgreement {
        var agreement = agreement
        agreement.founders = founders.text
        return agreement
    }

    /// Handshakes from now on are of a node with this view.
    package func follow(_ view: View) { founders.follow(view) }

    package func hello(shard: Int) -> Hello {
        Hello(
            cluster: cluster, node: node, peerEndpoint: peerEndpoint, generation: generation, shards: shards,
            shard: shard, agreement: presentAgreement)
    }

    /// Whether a dialling node is let in.
    package func reply(to reading: Hello.Reading) -> HelloReply {
        switch reading {
        case .otherVersion(let version): .refused(.version(here: Handshake.version, there: version))
        case .hello(let hello): reply(to: hello)
        }
    }

    private func reply(to hello: Hello) -> HelloReply {
        if hello.cluster != cluster { return .refused(.cluster(here: cluster, there: hello.cluster)) }
        if hello.node == node { return .refused(.sameName(node)) }
        if hello.shards != shards || hello.shard >= shards {
            return .refused(.shards(here: shards, there: hello.shards))
        }
        if let difference = presentAgreement.difference(from: hello.agreement) { return .refused(difference) }
        return .accepted(node, generation: generation)
    }
}
