internal import ConflictResolution
internal import NIOCore
internal import StatorCore

/// Reads: what the answers come to, and bringing it to the owners that lack it.
extension Coordinator {
    /// The merge of all answers; bodies of equal digest are merged once.
    func mergedBody(of answers: [ReadOperation.Answer], _ base: inout ShardBase) throws(ResolverError)
        -> ByteBuffer?
    {
        var merged: StoredRecord?
        var body: ByteBuffer?
        for case let record? in answers.map(\.record) {
            guard let known = body, let first = merged else {
                merged = record
                body = record.body
                continue
            }
            if record.digest != first.digest { body = try base.context.resolver.merge(known, record.body) }
        }
        return body
    }

    /// Sends the merged record to the owners whose answer differs from it, in the background.
    mutating func repair(_ operation: ReadOperation, _ base: inout ShardBase) {
        guard base.context.settings.readRepairs, let first = operation.answers.first,
            operation.answers.contains(where: { $0.record?.digest != first.record?.digest }),
            let body = try? mergedBody(of: operation.answers, &base),
            let merged = try? base.context.record(
                token: operation.request.token, key: operation.request.key, body: body)
        else { return }
        for answer in operation.answers where !answer.isStandIn && answer.record?.digest != merged.digest {
            // Tried again when the next read meets it.
            guard
                answer.node == base.context.node
                    ? base.context.takesWrites(.records) : base.context.canStore(answer.node)
            else { continue }
            base.context.counters.readRepairs += 1
            base.context.reach(answer.node == base.context.node ? .readRepairedHere : .readRepaired)
            base.context.noteRepair(merged.key)
            if answer.node == base.context.node {
                _ = base.keys.merge(
                    merged, on: .records(merged.token, merged.key), for: .repaired, &base.context)
            } else {
                let write = ReplicaWrite(
                    request: base.context.newRequestID(), epoch: base.context.epoch, purpose: .readRepair,
                    record: merged, hintFor: nil)
                base.context.send(.write(write), to: answer.node)
            }
        }
    }
}
