package import NIOCore
package import Replication
package import StatorCore
package import Storage

/// The identity file: to whom a data folder belongs, under which settings that data cannot outlive, and what the node
/// remembers of itself.
package struct StoredIdentity: Hashable, Sendable {
    static let kind = "STID"
    static let format: UInt8 = 5

    package var cluster: String
    package var node: NodeID
    /// The partitioner's kind and all its settings: with others the records would be other nodes'.
    package var partitioner: String
    /// N: with another one they would be more or fewer nodes'.
    package var replicas: Int
    /// The hash that gave the records their tokens.
    package var hash: String
    /// Only this resolver reads the bodies.
    package var conflictResolver: String
    /// Only this engine reads the files.
    package var storage: String
    /// The last stop was clean: all that was written is durable.
    package var isClean: Bool
    /// All stores were made: from now on one that is not there is lost.
    package var hasStores: Bool
    /// Others have witnessed a lease of it once: the node was let in with the members of its view, whatever becomes of the lease.
    package var wasLetIn: Bool
    /// The numbers of the starts that may have opened a store last: of the last one that opened all of them, and of those since.
    /// A store that names another one was put back from before.
    package var openings: [UInt64]
    /// Which file this was written to: one that is read from another is a copy. `nil` where the file system does not tell.
    package var origin: FileOrigin?
    /// One entry a shard in `doubts` and `forgotAt`.
    package var identity: NodeIdentity

    package init(
        cluster: String, node: NodeID, partitioner: String, replicas: Int, hash: String, conflictResolver: String,
        storage: String, isClean: Bool, hasStores: Bool, wasLetIn: Bool = false, openings: [UInt64] = [],
        origin: FileOrigin? = nil,
        identity: NodeIdentity
    ) {
        self.openings = openings
        self.origin = origin
        self.cluster = cluster
        self.node = node
        self.partitioner = partitioner
        self.replicas = replicas
        self.hasStores = hasStores
        self.wasLetIn = wasLetIn
        self.hash = hash
        self.conflictResolver = conflictResolver
        self.storage = storage
        self.isClean = isClean
        self.identity = identity
    }

    var shards: Int { identity.doubts.count }

    package func encoded() -> ByteBuffer {
        var content = ByteBuffer()
        content.writeText(cluster)
        content.writeNodeID(node)
        content.writeText(partitioner)
        content.writeVarint(UInt64(replicas))
        content.writeText(hash)
        content.writeText(conflictResolver)
        content.writeText(storage)
        content.writeBoolean(isClean)
        content.writeBoolean(hasStores)
        content.writeBoolean(wasLetIn)
        content.writeVarint(UInt64(openings.count))
        for opening in openings { content.writeInteger(opening) }
        content.writeOrigin(origin)
        content.writeMultipleIntegers(identity.generation, identity.folder)
        content.writeBoolean(identity.lease != nil)
        if let lease = identity.lease { content.writeMultipleIntegers(lease.incarnation, lease.end) }
        content.writeVarint(UInt64(identity.lives.count))
        for life in identity.lives { content.writeInteger(life) }
        content.writeVarint(UInt64(shards))
        for shard in 0..<shards {
            content.writeVarint(identity.forgotAt[shard])
            content.writeInteger(identity.doubts[shard]?.cause.rawValue ?? 0)
            content.writeText(identity.doubts[shard]?.reason ?? "")
        }
        return SealedFile.seal(content, kind: StoredIdentity.kind, format: StoredIdentity.format)
    }

    package static func decode(_ bytes: ByteBuffer) throws(CodecError) -> StoredIdentity {
        var content = try SealedFile.open(bytes, kind: kind, format: format)
        let cluster = try content.readText("cluster", maximum: 255)
        let node = try content.readNodeID()
        let partitioner = try content.readText("partitioner", maximum: maximumPartitioner)
        let replicas = try content.readCount("replicas", maximum: Int(UInt16.max))
        let hash = try content.readText("hash", maximum: 64)
        let conflictResolver = try content.readText("conflict resolver", maximum: 64)
        let storage = try content.readText("storage", maximum: 64)
        let isClean = try content.readBoolean("clean flag")
        let hasStores = try content.readBoolean("stores flag")
        let wasLetIn = try content.readBoolean("let-in flag")
        let openings = try readLives(&content, "openings")
        let origin = try content.readOrigin()
        let generation = try content.readFixed("generation", as: UInt64.self)
        let folder = try content.readFixed("folder's number", as: UInt64.self)
        var lease: DotLease?
        if try content.readBoolean("lease flag") {
            lease = DotLease(
                incarnation: try content.readFixed("incarnation", as: UInt64.self),
                end: try content.readFixed("lease's end", as: UInt64.self))
        }
        let lives = try readLives(&content, "lives")
        let shards = try content.readCount("shards", maximum: Int(UInt16.max))
        var forgotAt: [UInt64] = []
        var doubts: [Doubt?] = []
        for _ in 0..<shards {
            forgotAt.append(try content.readVarint("forgotten dots"))
            doubts.append(try readDoubt(&content))
        }
        try content.expectEnd("the file")
        return StoredIdentity(
            cluster: cluster, node: node, partitioner: partitioner, replicas: replicas, hash: hash,
            conflictResolver: conflictResolver, storage: storage, isClean: isClean, hasStores: hasStores,
            wasLetIn: wasLetIn, openings: openings, origin: origin,
            identity: NodeIdentity(
                generation: generation, folder: folder, doubts: doubts, lease: lease, lives: lives,
                forgotAt: forgotAt))
    }

    private static let maximumPartitioner = 1 << 16

    private static func readLives(_ content: inout ByteBuffer, _ what: String) throws(CodecError) -> [UInt64] {
        var lives: [UInt64] = []
        for _ in 0..<(try content.readCount(what, maximum: NodeIdentity.rememberedLives)) {
            lives.append(try content.readFixed("a start's number", as: UInt64.self))
        }
        return lives
    }

    private static func readDoubt(_ content: inout ByteBuffer) throws(CodecError) -> Doubt? {
        let code = try content.readFixed("doubt", as: UInt8.self)
        let reason = try content.readText("reason of doubt", maximum: Doubt.maximumReason)
        if code == 0 { return nil }
        guard let cause = Doubt.Cause(rawValue: code) else { throw .invalid(what: "doubt", found: "\(code)") }
        return Doubt(cause, reason)
    }
}
