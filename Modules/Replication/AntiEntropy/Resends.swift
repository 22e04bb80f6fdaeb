internal import NIOCore
internal import StatorCore

/// Large records that were sent to a peer and are to be sent again unchanged: the peer has not merged them, whyever.
///
/// After a few times at once they are withheld for pauses that double, so that what two nodes cannot merge does not cross
/// the network in every round. What is new about a key, or about the peer, begins anew.
struct Resends {
    private struct Name: Hashable {
        let peer: NodeID
        let key: Key
    }

    private struct Attempt {
        let digest: Digest
        var count = 0
        var next: Instant
    }

    private var attempts: [Name: Attempt] = [:]

    /// - Returns: whether a record is sent to a peer now.
    mutating func admits(_ record: StoredRecord, to peer: NodeID, _ context: inout ShardContext) -> Bool {
        guard record.body.readableBytes >= ReplicationLimits.withheldBytes else { return true }
        let now = context.now.monotonic
        let name = Name(peer: peer, key: record.key)
        guard var attempt = attempts[name], attempt.digest == record.digest else {
            makeRoom(now)
            if attempts.count < ReplicationLimits.rememberedResends {
                // A copy: a key out of a message would keep all of it.
                attempts[Name(peer: peer, key: record.key.compacted())] = Attempt(digest: record.digest, next: now)
            }
            return true
        }
        guard now >= attempt.next else { return false }
        attempt.count += 1
        let doublings = attempt.count - ReplicationLimits.freeResends
        if doublings >= 0 {
            let pause = min(
                ReplicationLimits.shortestResendPause * (1 << min(doublings, 16)), ReplicationLimits.longestResendPause)
            attempt.next = now.advanced(by: context.random.jittered(pause))
        }
        attempts[name] = attempt
        return true
    }

    /// The peer was lost: when it is back it may have room, or another program.
    mutating func forget(_ peer: NodeID) {
        attempts = attempts.filter { $0.key.peer != peer }  // ordered: each by itself
    }

    /// What may be sent by now was merged, as far as anyone knows.
    private mutating func makeRoom(_ now: Instant) {
        guard attempts.count >= ReplicationLimits.rememberedResends else { return }
        attempts = attempts.filter { $0.value.next > now }  // ordered: each by itself
    }
}
