package import NIOCore
package import Replication
package import StatorCore

/// The identity file: to whom a data folder belongs, under which settings that data cannot outlive, and what the node
/// remembers of itself.
package struct StoredIdentity: Hashable, Sendable {
    static let kind = "STID"
    static let format: UInt8 = 1

    package var cluster: String
    package var node: NodeID
    /// The hash that gave the records their tokens.
    package var hash: String
    /// Only this resolver reads the bodies.
    package var conflictResolver: String
    /// Only this engine reads the files.
    package var storage: String
    /// The last stop was clean: what `dotsIssued` says is all that was issued.
    package var isClean: Bool
    /// One entry a shard in `dotsIssued` and `isRecovering`.
    package var identity: NodeIdentity

    package init(
        cluster: String, node: NodeID, hash: String, conflictResolver: String, storage: String, isClean: Bool,
        identity: NodeIdentity
    ) {
        self.cluster = cluster
        self.node = node
        self.hash = hash
        self.conflictResolver = conflictResolver
        self.storage = storage
        self.isClean = isClean
        self.identity = identity
    }

    var shards: Int { identity.isRecovering.count }

    package func encoded() -> ByteBuffer {
        var content = ByteBuffer()
        content.writeText(cluster)
        content.writeNodeID(node)
        content.writeText(hash)
        content.writeText(conflictResolver)
        content.writeText(storage)
        content.writeBoolean(isClean)
        content.writeInteger(identity.incarnation)
        content.writeInteger(identity.generation)
        content.writeVarint(UInt64(shards))
        for shard in 0..<shards {
            content.writeVarint(identity.dotsIssued[shard])
            content.writeBoolean(identity.isRecovering[shard])
        }
        return SealedFile.seal(content, kind: StoredIdentity.kind, format: StoredIdentity.format)
    }

    package static func decode(_ bytes: ByteBuffer) throws(CodecError) -> StoredIdentity {
        var content = try SealedFile.open(bytes, kind: kind, format: format)
        let cluster = try content.readText("cluster", maximum: 255)
        let node = try content.readNodeID()
        let hash = try content.readText("hash", maximum: 64)
        let conflictResolver = try content.readText("conflict resolver", maximum: 64)
        let storage = try content.readText("storage", maximum: 64)
        let isClean = try content.readBoolean("clean flag")
        let incarnation = try content.readFixed("incarnation", as: UInt64.self)
        let generation = try content.readFixed("generation", as: UInt64.self)
        let shards = try content.readCount("shards", maximum: Int(UInt16.max))
        var dotsIssued: [UInt64] = []
        var isRecovering: [Bool] = []
        for _ in 0..<shards {
            dotsIssued.append(try content.readVarint("issued dots"))
            isRecovering.append(try content.readBoolean("recovering flag"))
        }
        try content.expectEnd("the file")
        return StoredIdentity(
            cluster: cluster, node: node, hash: hash, conflictResolver: conflictResolver, storage: storage,
            isClean: isClean,
            identity: NodeIdentity(
                incarnation: incarnation, dotsIssued: dotsIssued, generation: generation, isRecovering: isRecovering))
    }
}
