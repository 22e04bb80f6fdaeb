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

extension ShardMachine {
    mutating func beginExplain(_ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin) {
        let id = newRequestID()
        explains[id] = ExplainOperation(
            origin: origin, token: request.token, nodes: Array(list), replicaCount: list.replicaCount)
        deadlines.insert(.request(id), due: now.monotonic.advanced(by: settings.replicaTimeout))
        for peer in list {
            if peer == node {
                explainLocally(nil, id, request.token, request.key)
            } else if isReachable(peer) {
                send(.explain(id, request.token, request.key), to: peer)
            } else {
                noteExplainFailure(id, of: peer)
            }
        }
    }

    mutating func receiveExplain(_ id: RequestID, _ token: Token, _ key: Key, from sender: NodeID) {
        explainLocally(sender, id, token, key)
    }

    private mutating func explainLocally(_ peer: NodeID?, _ id: RequestID, _ token: Token, _ key: Key) {
        gather([.records(token, key)], then: .explain(peer, id, token, key))
    }

    mutating func finishLocalExplain(
        _ peer: NodeID?, _ id: RequestID, _ token: Token, _ key: Key, _ record: StoredRecord?
    ) {
        let meaning = record.flatMap { try? resolver.read($0.body) }
        let explanation = ReplicaExplanation(
            node: node, hasAnswered: true, digest: record?.digest, siblings: meaning?.versions.count ?? 0,
            isTombstone: meaning?.isTombstone ?? false, isRecovering: isRecovering(token) && owns(token),
            causality: meaning?.causality ?? "",
            hintsFor: hintBook.targets.filter { hintBook.entry($0, key) != nil }, lastRepair: repairTimes[key])
        if let peer {
            send(.explainReply(id, explanation), to: peer)
        } else {
            receiveExplainReply(id, explanation, from: node)
        }
    }

    mutating func receiveExplainReply(_ id: RequestID, _ explanation: ReplicaExplanation, from sender: NodeID) {
        guard explanation.node == sender, explains[id]?.nodes.contains(sender) == true,
            explains[id]?.answers.contains(where: { $0.node == sender }) == false
        else { return }
        explains[id]?.answers.append(explanation)
        settleExplain(id)
    }

    mutating func noteExplainFailure(_ id: RequestID, of peer: NodeID) {
        guard let operation = explains[id], operation.nodes.contains(peer), !operation.failed.contains(peer),
            !operation.answers.contains(where: { $0.node == peer })
        else { return }
        explains[id]?.failed.append(peer)
        settleExplain(id)
    }

    private mutating func settleExplain(_ id: RequestID) {
        guard let operation = explains[id] else { return }
        if operation.answers.count + operation.failed.count >= operation.nodes.count { finishExplain(id) }
    }

    mutating func finishExplain(_ id: RequestID) {
        guard let operation = explains.removeValue(forKey: id), let placement = cluster?.placement else { return }
        let answers = operation.nodes.map { peer in
            operation.answers.first { $0.node == peer } ?? ReplicaExplanation(node: peer, hasAnswered: false)
        }
        let explanation = Explanation(
            token: operation.token, range: placement.range(at: placement.rangeIndex(of: operation.token)),
            epoch: epoch, coordinator: node, preferenceList: operation.nodes, replicaCount: operation.replicaCount,
            replicas: answers)
        respond(.explained(explanation), to: operation.origin)
    }
}
