internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A corrupt record is replaced by what the other owners hold.
///
/// Anti-entropy does not notice one: its index knows the digest of what was written, which is equal everywhere. So whoever
/// meets it has it healed: N - W + 1 other owners are read, as in the recovery of a lost disk, and what they hold is
/// merged in its place. Where they cannot be reached, the next load that meets the record tries again.
extension ShardMachine {
    mutating func heal(_ key: StoreKey) {
        guard key.store == .records, !isStarting, owns(key.token), !healing.contains(key),
            healing.count < ReplicationLimits.maximumHealing,
            let list = cluster?.placement?.preferenceList(for: key.token)
        else { return }
        let others = list.replicaCount - 1
        guard others > 0 else { return }
        healing.insert(key)
        let needed = min(others, max(1, list.replicaCount - settings.writeQuorum + 1))
        // Only owners count, and this one's own part fails or counts for nothing new.
        let options = RequestOptions(readQuorum: .number(needed), isSloppy: false)
        let request = ClientRequest(key: key.key, token: key.token, operation: .get, options: options)
        beginRead(request, list, for: .healing)
    }

    /// - Parameter body: what the others hold, or `nil` where they hold nothing.
    mutating func finishHealing(_ operation: ReadOperation, with body: ByteBuffer?) {
        let key = StoreKey.records(operation.request.token, operation.request.key)
        healing.remove(key)
        guard let body, let merged = try? record(token: key.token, key: key.key, body: body) else {
            // Nobody else holds anything that W owners could have acknowledged.
            enqueue(.remove(nil, .corrupt), on: key)
            return
        }
        noteRepair(merged.key)
        enqueue(.merge(merged, .repaired), on: key)
    }

    mutating func giveUpHealing(_ operation: ReadOperation) {
        healing.remove(StoreKey.records(operation.request.token, operation.request.key))
    }
}

extension StoredRecord {
    /// What is left of a corrupt record: all but its body.
    init(lost metadata: RecordMetadata) {
        self.init(
            token: metadata.token, key: metadata.key, digest: metadata.digest, isTombstone: metadata.isTombstone,
            expiry: nil, body: ByteBuffer())
    }
}
