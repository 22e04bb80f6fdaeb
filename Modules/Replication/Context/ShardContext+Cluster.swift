internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// Questions about the cluster and a key's place in it, and the record of a body.
extension ShardContext {
    var epoch: Epoch { cluster?.epoch ?? Epoch(0) }

    /// Whether a message to this node has a chance now.
    func isReachable(_ peer: NodeID) -> Bool {
        peer == node || peers.isReachable(peer)
    }

    /// Whether this node owns the token in this epoch, or will in the next.
    func owns(_ token: Token) -> Bool {
        guard let cluster else { return false }
        return cluster.placement?.isReplica(node, for: token) == true
            || cluster.nextPlacement?.isReplica(node, for: token) == true
    }

    /// Whether this node owns the token in this epoch.
    func ownsNow(_ token: Token) -> Bool { cluster?.placement?.isReplica(node, for: token) == true }

    /// Whether the view held names this node.
    var isMember: Bool { cluster?.view.contains(node) ?? false }

    /// Whether this node's answers about a token do not count yet.
    func isRecovering(_ token: Token) -> Bool { recovering.contains(token) }

    /// Why this shard serves no client now, or `nil`.
    var unavailability: ClientError? {
        if let storageFailure { return .unavailable("storage failed: \(storageFailure)") }
        if isStopping { return .unavailable("the node is stopping") }
        if isStarting { return .unavailable("the node is starting") }
        if cluster?.placement == nil { return .unavailable("the node knows no members") }
        // One that has left does not hear of later views: what it would coordinate could go to the wrong owners.
        if !isMember { return .unavailable("this node is not a member of the cluster") }
        return nil
    }

    /// A record from a canonical body.
    func record(token: Token, key: Key, body: ByteBuffer, expiry: WallTime? = nil) throws(ResolverError) -> StoredRecord
    {
        StoredRecord(
            token: token, key: key, digest: Digest(ofBody: body), isTombstone: try resolver.isTombstone(body),
            expiry: expiry, body: body)
    }
}
