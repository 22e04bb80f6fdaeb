internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import StatorCore

/// Requests that this node can answer by itself, where its stores do so at once: no operation is begun for them.
extension Coordinator {
    /// A write whose only owner is this node: nobody is asked and nothing is waited for.
    /// - Returns: whether it was carried out.
    mutating func writeAlone(
        _ request: ClientRequest, _ write: VersionWrite, _ list: PreferenceList, _ origin: RequestOrigin,
        _ base: inout ShardBase
    ) -> Bool {
        guard base.keys.answersAtOnce, list.replicaCount == 1,
            base.context.cluster?.nextPlacement == nil, !base.context.isRecovering(request.token)
        else { return false }
        let key = StoreKey.records(request.token, request.key)
        // Nothing ever comes back under this number.
        let id = RequestID(0)
        guard case .readable(let existing)? = base.keys.turn(on: key, for: id, &base.context) else {
            base.context.respond(.failed(.unreadable), to: origin)
            return true
        }
        switch base.context.made(request, write, over: existing?.body, isOwner: true) {
        case .failure(let error): base.context.respond(.failed(error), to: origin)
        case .success(let made):
            guard let outcome = base.keys.put(made.record, over: existing, on: key, for: id, &base.context),
                !outcome.isFailure
            else {
                base.context.counters.outcomesUnknown += 1
                base.context.respond(.failed(.outcomeUnknown), to: origin)
                return true
            }
            let stored = StoredOutcome(
                node: base.context.node, isFirst: existing?.isTombstone ?? true, context: made.context)
            base.context.respond(.stored(stored), to: origin)
        }
        return true
    }

    /// A read that this node's own record answers.
    /// - Returns: whether it was carried out.
    mutating func readAlone(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ base: inout ShardBase
    ) -> Bool {
        guard base.keys.answersAtOnce, list.replicaCount == 1 || base.context.settings.readFanOut != .all,
            base.context.neededReads(request, list) == 1, list.replicas.contains(base.context.node),
            !base.context.isRecovering(request.token),
            let held = base.keys.body(of: request.key, token: request.token)
        else { return false }
        if case .client = origin { base.context.counters.gets += 1 }
        base.context.respond(to: request, with: held.body, origin)
        return true
    }
}
