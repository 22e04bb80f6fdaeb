internal import ConflictResolution
internal import Partitioning
internal import StatorCore

/// A client request handed to another node, which coordinates it. It is sent to another one only where the first
/// says that it did nothing; one that may have been carried out is never sent again.
struct ForwardedRequest {
    let origin: RequestOrigin
    let request: ClientRequest
    let target: NodeID
    /// Who declined it before.
    let declined: [NodeID]
}

/// Where a request comes in, who coordinates it, and how it is answered.
extension ShardMachine {
    mutating func begin(_ request: ClientRequest, from origin: RequestOrigin) {
        if let unavailability {
            respond(.failed(unavailability), to: origin)
            return
        }
        let underWay = writes.count + reads.count + forwards.count + explains.count
        guard underWay < settings.maximumRequestsInFlight else {
            counters.shed += 1
            respond(.failed(.overloaded), to: origin)
            return
        }
        guard let placement = cluster?.placement else { return }
        let list = placement.preferenceList(for: request.token)
        if let refusal = impossibleQuorum(request, list) {
            respond(.failed(refusal), to: origin)
            return
        }
        switch request.operation {
        case .get: if !readAlone(request, list, origin) { beginRead(request, list, for: .client(origin)) }
        case .explain: beginExplain(request, list, origin)
        case .write(let write):
            if case .client = origin {
                if write.content == nil { counters.deletes += 1 } else { counters.puts += 1 }
            }
            route(request, list, origin)
        }
    }

    private func impossibleQuorum(_ request: ClientRequest, _ list: PreferenceList) -> ClientError? {
        impossible(request.options.readQuorum, list) ?? impossible(request.options.writeQuorum, list)
    }

    private func impossible(_ asked: QuorumSize?, _ list: PreferenceList) -> ClientError? {
        guard let count = asked?.count(replicas: list.replicaCount), count < 1 || count > list.replicaCount else {
            return nil
        }
        return .impossibleQuorum(asked: count, replicas: list.replicaCount)
    }

    /// Chooses who coordinates a write: this node where the resolver lets anyone; otherwise a replica, or where none
    /// can be reached and the request is sloppy, the first fallback that can.
    /// - Parameter declined: nodes that were asked and did nothing.
    private mutating func route(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, declined: [NodeID] = []
    ) {
        if list.replicas.contains(node) {
            beginWrite(request, list, origin, role: .owner)
        } else if !resolver.needsReplicaCoordinator {
            beginWrite(request, list, origin, role: .proxy)
        } else if let target = coordinator(among: list.replicas, origin, declined) {
            forward(request, to: target, origin, declined)
        } else if !isSloppy(request) {
            refuseWithoutQuorum(request, list, origin)
        } else if list.fallbacks.contains(node) {
            beginWrite(request, list, origin, role: .standIn(for: list[0]))
        } else if let target = coordinator(among: list.fallbacks, origin, declined) {
            forward(request, to: target, origin, declined)
        } else {
            refuseWithoutQuorum(request, list, origin)
        }
    }

    /// The first that can be reached and has not declined; only a client's own node forwards, so requests never wander.
    private func coordinator(
        among candidates: Slice<PreferenceList>, _ origin: RequestOrigin, _ declined: [NodeID]
    ) -> NodeID? {
        guard case .client = origin else { return nil }
        return candidates.first { $0 != node && isReachable($0) && !declined.contains($0) }
    }

    private mutating func refuseWithoutQuorum(_ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin)
    {
        counters.quorumsUnmet += 1
        respond(.failed(.quorumUnmet(answered: 0, needed: neededWrites(request, list))), to: origin)
    }

    private mutating func forward(
        _ request: ClientRequest, to target: NodeID, _ origin: RequestOrigin, _ declined: [NodeID]
    ) {
        counters.forwarded += 1
        let id = newRequestID()
        forwards[id] = ForwardedRequest(origin: origin, request: request, target: target, declined: declined)
        // The coordinator answers within its own time-out; the margin lets that answer through.
        deadlines.insert(.request(id), due: now.monotonic.advanced(by: timeout(of: request) + .milliseconds(250)))
        send(.forward(id, request), to: target)
    }

    mutating func finishForward(_ id: RequestID, _ response: ClientResponse, from sender: NodeID) {
        guard let forwarded = forwards[id], forwarded.target == sender else { return }
        forwards[id] = nil
        switch response {
        case .failed(.unavailable), .failed(.overloaded):
            // Nothing was done there: somebody else may do it.
            guard let placement = cluster?.placement, unavailability == nil else {
                respond(response, to: forwarded.origin)
                return
            }
            route(
                forwarded.request, placement.preferenceList(for: forwarded.request.token), forwarded.origin,
                declined: forwarded.declined + [sender])
        default: respond(response, to: forwarded.origin)
        }
    }

    /// What was forwarded to a lost node may have been carried out: nobody knows.
    mutating func failForwards(to peer: NodeID) {
        for id in forwards.sortedNames where forwards[id]?.target == peer {  // ordered: sorted
            endForward(id)
        }
    }

    private mutating func endForward(_ id: RequestID) {
        guard let forwarded = forwards.removeValue(forKey: id) else { return }
        counters.outcomesUnknown += 1
        respond(.failed(.outcomeUnknown), to: forwarded.origin)
    }

    mutating func passRequestDeadline(_ id: RequestID) {
        if writes[id] != nil { expireWrite(id) }
        if reads[id] != nil { expireRead(id) }
        if explains[id] != nil { finishExplain(id) }
        endForward(id)
    }

    mutating func respond(_ response: ClientResponse, to origin: RequestOrigin) {
        switch origin {
        case .client(let ticket): outbox.append(.respond(ticket, response))
        case .peer(let peer, let id): send(.forwardReply(id, response), to: peer)
        }
    }

    func timeout(of request: ClientRequest) -> Duration {
        request.options.timeout ?? settings.requestTimeout
    }

    func isSloppy(_ request: ClientRequest) -> Bool {
        request.options.isSloppy ?? settings.isSloppy
    }

    func neededWrites(_ request: ClientRequest, _ list: PreferenceList) -> Int {
        let asked = request.options.writeQuorum ?? .number(settings.writeQuorum)
        return min(asked.count(replicas: list.replicaCount), list.replicaCount)
    }

    func neededReads(_ request: ClientRequest, _ list: PreferenceList) -> Int {
        let asked = request.options.readQuorum ?? .number(settings.readQuorum)
        return min(asked.count(replicas: list.replicaCount), list.replicaCount)
    }
}
