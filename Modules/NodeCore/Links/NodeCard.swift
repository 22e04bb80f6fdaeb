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
    let agreement: ClusterAgreement

    package init(
        cluster: String, node: NodeID, peerEndpoint: Endpoint, generation: UInt64, shards: Int,
        agreement: ClusterAgreement
    ) {
        self.cluster = cluster
        self.node = node
        self.peerEndpoint = peerEndpoint
        self.generation = generation
        self.shards = shards
        self.agreement = agreement
    }

    package init(blueprint: NodeBlueprint, generation: UInt64) {
        cluster = blueprint.cluster
        node = blueprint.member.node
        peerEndpoint = blueprint.member.peerEndpoint
        self.generation = generation
        shards = blueprint.shards
        agreement = ClusterAgreement(
            hash: blueprint.partitioner.hash.rawValue, partitioner: blueprint.partitionerText,
            conflictResolver: blueprint.kinds.conflictResolver, replicas: blueprint.replication.replicas)
    }

    package func hello(shard: Int) -> Hello {
        Hello(
            cluster: cluster, node: node, peerEndpoint: peerEndpoint, generation: generation, shards: shards,
            shard: shard, agreement: agreement)
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
        if let difference = agreement.difference(from: hello.agreement) { return .refused(difference) }
        return .accepted(node, generation: generation)
    }
}
