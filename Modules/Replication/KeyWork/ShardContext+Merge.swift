internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import StatorCore

extension ShardContext {
    enum Merged {
        case unchanged
        case changed(StoredRecord)
        case failed
    }

    /// What a record from elsewhere makes of the one that is held.
    mutating func merged(_ incoming: StoredRecord, into existing: StoredRecord?) -> Merged {
        guard Digest(ofBody: incoming.body) == incoming.digest else {
            reach(.mergeRefusedDigest)
            outbox.append(.log(.warning("a record came with a digest that is not its body's; it is refused")))
            return .failed
        }
        guard fits(incoming.body.readableBytes) else { return .failed }
        guard let existing else { return .changed(incoming) }
        guard existing.digest != incoming.digest else { return .unchanged }
        do {
            let body = try resolver.merge(existing.body, incoming.body)
            // Nearly always the incoming one is the later: its digest has been checked, and is not made again.
            if body == incoming.body { return .changed(incoming) }
            guard fits(body.readableBytes) else { return .failed }
            let merged = try record(
                token: existing.token, key: existing.key, body: body, expiry: incoming.expiry)
            return merged.digest == existing.digest ? .unchanged : .changed(merged)
        } catch {
            reach(.mergeFailed)
            outbox.append(.log(.warning("cannot merge the record of a key: \(error)")))
            return .failed
        }
    }

    /// Whether a store takes a body. What clients are allowed adds up to less; what came to be all the same stays apart, at
    /// the nodes that hold it, until a client's write supersedes it.
    private mutating func fits(_ bytes: Int) -> Bool {
        guard bytes > maximumRecordBody else { return true }
        counters.mergesRefused += 1
        reach(.mergeTooLarge)
        return false
    }
}
