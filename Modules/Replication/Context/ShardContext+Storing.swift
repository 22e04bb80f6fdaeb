internal import StatorCore
internal import Storage

/// Which stores and which peers take writes now.
///
/// A store that refused a write is left alone for a while, and so is a peer that said that it cannot store: what would be
/// written there is refused at once, and goes elsewhere. The while grows as long as it goes on (``RetryBackoff``), and
/// ends with the first write that succeeds.
extension ShardContext {
    /// Whether a store of this shard is to be tried.
    func takesWrites(_ store: StoreName) -> Bool {
        switch store {
        case .records: storageFailure == nil && !recordsRetry.isWaiting(at: now.monotonic)
        case .hints: hintFailure == nil && !hintsRetry.isWaiting(at: now.monotonic)
        }
    }

    /// A store has refused a write for want of space, descriptors and the like.
    mutating func noteRefused(_ store: StoreName, _ error: StorageError) {
        let hadFailed = store == .records ? recordsRetry.hasFailed : hintsRetry.hasFailed
        if store == .records {
            recordsRetry.fail(at: now.monotonic, &random)
        } else {
            hintsRetry.fail(at: now.monotonic, &random)
        }
        refusalReason = "\(error)"
        guard !hadFailed else { return }
        reach(.storeRefuses)
        outbox.append(.log(.error("shard \(shard) takes no \(store) for now: \(error)")))
    }

    /// A store has taken a write.
    mutating func noteTaken(_ store: StoreName) {
        guard store == .records ? recordsRetry.hasFailed : hintsRetry.hasFailed else { return }
        if store == .records { recordsRetry.succeed() } else { hintsRetry.succeed() }
        outbox.append(.log(.info("shard \(shard) takes \(store) again")))
    }

    /// Why nothing can be stored here.
    var cannotStore: ClientError { .cannotStore(storageFailure ?? refusalReason) }

    /// Whether a write is to be sent to a node: it can be reached, and has not said lately that it cannot store.
    func canStore(_ peer: NodeID) -> Bool {
        guard peers.arePassedOver, peer != node else { return isReachable(peer) }
        return isReachable(peer) && !peers.isPassedOver(peer, at: now.monotonic)
    }

    /// A node has answered a write, or declined to coordinate one.
    mutating func note(_ outcome: WriteOutcome, of peer: NodeID) {
        switch outcome {
        case .stored: if peers.arePassedOver { peers.noteStored(peer) }
        case .refused(.cannotStore): noteCannotStore(peer)
        case .refused: break
        }
    }

    /// An answered read or write waits for a node, or does not any more. What waits for this one's own disk is no lag.
    mutating func changeLag(of peer: NodeID, by change: Int) {
        if peer != node { peers.changeLag(of: peer, by: change) }
    }

    mutating func noteCannotStore(_ peer: NodeID) {
        reach(.peerCannotStore)
        peers.noteCannotStore(peer, at: now.monotonic, &random)
    }
}
