import NIOCore
import Replication
import StatorCore

/// The identity file: to whom a data folder belongs, under which settings that data cannot outlive, and what the node
/// remembers of itself.
struct StoredIdentity: Hashable, Sendable {
    static let kind = "STID"
    static let format: UInt8 = 1

    var cluster: String
    var node: NodeID
    /// The hash that gave the records their tokens.
    var hash: String
    /// Only this resolver reads the bodies.
    var conflictResolver: String
    /// Only this engine reads the files.
    var storage: String
    /// The last stop was clean: what `dotsIssued` says is all that was issued.
    var isClean: Bool
    /// One entry a shard in `dotsIssued` and `isRecovering`.
    var identity: NodeIdentity

    var shards: Int { identity.isRecovering.count }

    func encoded() -> ByteBuffer {
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

    static func decode(_ bytes: ByteBuffer) throws(CodecError) -> StoredIdentity {
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
