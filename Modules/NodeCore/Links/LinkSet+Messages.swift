internal import NIOCore
package import Replication
package import StatorCore
internal import Wire

/// Messages become frames in the staged bytes of their links.
extension LinkSet {
    /// - Returns: the size of the encoded message, or `nil` where it was dropped.
    @discardableResult
    package func send(_ message: consuming ShardMessage, to node: NodeID) -> Int? {
        if case .write(let write) = message { return send(write, to: node) }
        let shard = context.shard
        return stage(node) { Frame.write(message, toShard: shard, into: &$0) }?.lastFrame.size
    }

    /// Encodes what goes to several owners once.
    private func send(_ write: ReplicaWrite, to node: NodeID) -> Int? {
        if let last = lastWrite, last.write.isSame(as: write), let frame = last.link.bytes(of: last.frame) {
            return stage(node) {
                $0.writeImmutableBuffer(frame)
                return true
            }?.lastFrame.size
        }
        let shard = context.shard
        guard let link = stage(node, { Frame.write(.write(write), toShard: shard, into: &$0) }) else { return nil }
        lastWrite = (write, link, link.lastFrame)
        return link.lastFrame.size
    }

    /// - Parameter now: a node outside the view counts as in use from then on.
    /// - Returns: the size of the encoded message, or `nil` where it was dropped.
    @discardableResult
    package func send(_ message: MembershipMessage, to node: NodeID, now: Instant) -> Int? {
        prolong(node, now: now)
        return stage(node) { Frame.write(message, into: &$0) }?.lastFrame.size
    }
}
