internal import ConflictResolution
internal import Partitioning
internal import StatorCore

/// A request for what every node of a preference list holds of a key.
struct ExplainOperation {
    let origin: RequestOrigin
    let token: Token
    let nodes: [NodeID]
    let replicaCount: Int
    var answers: [ReplicaExplanation] = []
    var failed: [NodeID] = []
}

/// Explaining a key: what this node holds of it, and what the others say.
extension Coordinator {
    mutating func beginExplain(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ base: inout ShardBase
    ) {
        let id = base.context.newRequestID()
        explains[id] = ExplainOperation(
            origin: origin, token: request.token, nodes: Array(list), replicaCount: list.replicaCount)
        base.context.deadlines.insert(
            .request(id), due: base.context.now.monotonic.advanced(by: base.context.settings.replicaTimeout))
        for peer in list {
            if peer == base.context.node {
                explainLocally(nil, id, request.token, request.key, &base)
            } else if base.context.isReachable(peer) {
                base.context.send(.explain(id, request.token, request.key), to: peer)
            } else {
                noteExplainFailure(id, of: peer, &base)
            }
        }
    }

    mutating func receiveExplain(
        _ id: RequestID, _ token: Token, _ key: Key, from sender: NodeID, _ base: inout ShardBase
    ) {
        explainLocally(sender, id, token, key, &base)
    }

    private mutating func explainLocally(
        _ peer: NodeID?, _ id: RequestID, _ token: Token, _ key: Key, _ base: inout ShardBase
    ) {
        let purpose = Gather.Purpose.explain(peer, id, token, key)
        if let gather = base.keys.gather([.records(token, key)], for: purpose, &base.context) {
            finishLocalExplain(peer, id, token, key, gather.records.first, &base)
        }
    }

    mutating func finishLocalExplain(
        _ peer: NodeID?, _ id: RequestID, _ token: Token, _ key: Key, _ record: StoredRecord?, _ base: inout ShardBase
    ) {
        let meaning = record.flatMap { try? base.context.resolver.read($0.body) }
        let explanation = ReplicaExplanation(
            node: base.context.node, hasAnswered: true, digest: record?.digest, siblings: meaning?.versions.count ?? 0,
            isTombstone: meaning?.isTombstone ?? false,
            isRecovering: base.context.isRecovering(token) && base.context.owns(token),
            causality: meaning?.causality ?? "",
            hintsFor: base.hints.targets(of: key), lastRepair: base.context.repairs[key])
        if let peer {
            base.context.send(.explainReply(id, explanation), to: peer)
        } else {
            receiveExplainReply(id, explanation, from: base.context.node, &base)
        }
    }

    mutating func receiveExplainReply(
        _ id: RequestID, _ explanation: ReplicaExplanation, from sender: NodeID, _ base: inout ShardBase
    ) {
        guard explanation.node == sender, explains[id]?.nodes.contains(sender) == true,
            explains[id]?.answers.contains(where: { $0.node == sender }) == false
        else { return }
        explains[id]?.answers.append(explanation)
        settleExplain(id, &base)
    }

    mutating func noteExplainFailure(_ id: RequestID, of peer: NodeID, _ base: inout ShardBase) {
        guard let operation = explains[id], operation.nodes.contains(peer), !operation.failed.contains(peer),
            !operation.answers.contains(where: { $0.node == peer })
        else { return }
        base.context.reach(.explainWithoutPeer)
        explains[id]?.failed.append(peer)
        settleExplain(id, &base)
    }

    private mutating func settleExplain(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = explains[id] else { return }
        if operation.answers.count + operation.failed.count >= operation.nodes.count { finishExplain(id, &base) }
    }

    mutating func finishExplain(_ id: RequestID, _ base: inout ShardBase) {
        guard let operation = explains.removeValue(forKey: id), let placement = base.context.cluster?.placement else {
            return
        }
        let answers = operation.nodes.map { peer in
            operation.answers.first { $0.node == peer } ?? ReplicaExplanation(node: peer, hasAnswered: false)
        }
        let explanation = Explanation(
            token: operation.token, range: placement.range(at: placement.rangeIndex(of: operation.token)),
            epoch: base.context.epoch, coordinator: base.context.node, preferenceList: operation.nodes,
            replicaCount: operation.replicaCount,
            replicas: answers)
        base.context.respond(.explained(explanation), to: operation.origin)
    }
}
