internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// A corrupt record is replaced by what the other owners hold.
///
/// Anti-entropy does not notice one: its index knows the digest of what was written, which is equal everywhere. So whoever
/// meets it has it healed: N - W + 1 other owners are read, as in the recovery of a lost disk, and what they hold is
/// merged in its place. Where they cannot be reached, the next load that meets the record tries again. Where so many owners lost
/// the record that fewer are left, what these hold has to do: a key is never refused for good.
///
/// A node that does not own the key has nothing to give: once all owners have told what they hold, the record is removed.
extension Coordinator {
    mutating func heal(_ key: StoreKey, _ base: inout ShardBase) {
        guard key.store == .records, !base.context.isStarting, !healing.contains(key),
            healing.count < ReplicationLimits.maximumHealing,
            let list = base.context.cluster?.placement?.preferenceList(for: key.token)
        else { return }
        let isOwner = base.context.owns(key.token)
        let others = list.replicaCount - (isOwner ? 1 : 0)
        guard others > 0 else { return }
        healing.insert(key)
        base.context.reach(.healingBegun)
        let needed = isOwner ? min(others, base.context.settings.ownersToHear(of: list.replicaCount)) : others
        // Only owners count, and this one's own part fails or counts for nothing new.
        let options = RequestOptions(readQuorum: .number(needed), isSloppy: false)
        let request = ClientRequest(key: key.key, token: key.token, operation: .get, options: options)
        beginRead(request, list, for: .healing, &base)
    }

    /// - Parameter body: what the others hold, or `nil` where they hold nothing.
    mutating func finishHealing(_ operation: ReadOperation, with body: ByteBuffer?, _ base: inout ShardBase) {
        let key = StoreKey.records(operation.request.token, operation.request.key)
        healing.remove(key)
        if operation.counted < operation.needed {
            base.context.reach(.healingOfMany)
            let lost = operation.corrupt.map(\.name).joined(separator: ", ")
            base.context.outbox.append(
                .log(
                    .error(
                        "key \(key.key) is corrupt at \(lost): what they alone held is lost, the others' takes its place"
                    )))
        }
        guard base.context.owns(key.token) else {
            base.context.reach(.healingLetGo)
            base.context.outbox.append(
                .log(.error("key \(key.key), which its owners were not given yet, is corrupt here: it is removed")))
            _ = base.keys.remove(nil, on: key, for: .corrupt, &base.context)
            return
        }
        guard let body, let merged = try? base.context.record(token: key.token, key: key.key, body: body) else {
            base.context.reach(.healingRemoved)
            // Nobody else holds anything that W owners could have acknowledged.
            _ = base.keys.remove(nil, on: key, for: .corrupt, &base.context)
            return
        }
        base.context.reach(.healingMerged)
        base.context.noteRepair(merged.key)
        _ = base.keys.merge(merged, on: key, for: .repaired, &base.context)
    }

    mutating func giveUpHealing(_ operation: ReadOperation, _ base: inout ShardBase) {
        base.context.reach(.healingGivenUp)
        healing.remove(StoreKey.records(operation.request.token, operation.request.key))
    }
}
