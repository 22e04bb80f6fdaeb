internal import ConflictResolution
internal import StatorCore

extension ShardBase {
    /// Why this node does not do what a coordinator asks, or `nil`.
    mutating func refusal(of token: Token, epoch: Epoch) -> Refusal? {
        if context.storageFailure != nil {
            context.reach(.replicaStorageFailed)
            return .storageFailed
        }
        if context.isStarting || keys.underWay >= ReplicationLimits.maximumTasks {
            context.reach(.replicaOverloaded)
            return .overloaded
        }
        guard context.cluster != nil else { return .notOwner }
        if context.ownersChanged(of: token, since: epoch) {
            context.counters.staleEpochs += 1
            context.reach(.replicaStaleEpoch)
            return .staleEpoch(context.epoch)
        }
        return nil
    }

    /// Loads what this node holds of a key as its own and as hints for any owner.
    mutating func gatherStandIn(_ token: Token, _ key: Key, for purpose: Gather.Purpose) -> Gather? {
        var names: [StoreKey] = [.records(token, key)]
        for target in hints.targets(of: key) { names.append(.hint(for: target, token, key)) }
        return keys.gather(names, for: purpose, &context)
    }
}

extension ShardContext {
    /// One record under the client's key from a fallback's own data and its hints.
    func mergedStandIn(_ records: [StoredRecord], _ key: Key) -> StoredRecord? {
        var merged: StoredRecord?
        for found in records {
            guard let known = merged else {
                merged = StoredRecord(
                    token: found.token, key: key, digest: found.digest, isTombstone: found.isTombstone, expiry: nil,
                    body: found.body)
                continue
            }
            guard known.digest != found.digest, let body = try? resolver.merge(known.body, found.body) else { continue }
            merged = (try? record(token: known.token, key: known.key, body: body)) ?? known
        }
        return merged
    }
}
