import NIOCore
import StatorCore

/// What all nodes of a cluster must have configured alike for their placements and record bodies to agree.
package struct ClusterAgreement: Hashable, Sendable {
    package var hash: String
    package var partitioner: String
    package var conflictResolver: String
    package var replicas: Int
    /// The members that the cluster began with, while it still has these; empty where a node has a later view, or none.
    package var founders: String

    package init(
        hash: String, partitioner: String, conflictResolver: String, replicas: Int, founders: String = ""
    ) {
        self.founders = founders
        self.hash = hash
        self.partitioner = partitioner
        self.conflictResolver = conflictResolver
        self.replicas = replicas
    }

    func encode(into buffer: inout ByteWriter) {
        buffer.writeText(hash)
        buffer.writeText(partitioner)
        buffer.writeText(conflictResolver)
        buffer.writeNumber(replicas)
        buffer.writeText(founders)
    }

    static func decode(_ bytes: inout ByteReader) throws(CodecError) -> ClusterAgreement {
        ClusterAgreement(
            hash: try bytes.readText("hash", maximum: WireLimits.maximumKind),
            partitioner: try bytes.readText("partitioner", maximum: WireLimits.maximumPartitionerText),
            conflictResolver: try bytes.readText("conflict resolver", maximum: WireLimits.maximumKind),
            replicas: try bytes.readNumber("replicas"),
            founders: try bytes.readText("founders", maximum: WireLimits.maximumFounders))
    }

    /// The first setting that differs, in the words of the configuration.
    package func difference(from other: ClusterAgreement) -> HandshakeRefusal? {
        if hash != other.hash { return .different(setting: "hash", here: hash, there: other.hash) }
        if partitioner != other.partitioner {
            return .different(setting: "partitioner", here: partitioner, there: other.partitioner)
        }
        if conflictResolver != other.conflictResolver {
            return .different(setting: "conflictResolver", here: conflictResolver, there: other.conflictResolver)
        }
        if replicas != other.replicas {
            return .different(setting: "replication.n", here: "\(replicas)", there: "\(other.replicas)")
        }
        if !founders.isEmpty, !other.founders.isEmpty, founders != other.founders {
            return .different(setting: "cluster.members", here: founders, there: other.founders)
        }
        return nil
    }
}
