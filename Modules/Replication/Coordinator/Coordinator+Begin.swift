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
extension Coordinator {
    mutating func begin(_ request: ClientRequest, from origin: RequestOrigin, _ base: inout ShardBase) {
        if let unavailability = base.context.unavailability {
            base.context.reach(.requestRefused)
            base.context.respond(.failed(unavailability), to: origin)
            return
        }
        guard underWay < base.context.settings.maximumRequestsInFlight else {
            base.context.counters.shed += 1
            base.context.reach(.requestShed)
            base.context.respond(.failed(.overloaded), to: origin)
            return
        }
        guard let placement = base.context.cluster?.placement else { return }
        let list = placement.preferenceList(for: request.token)
        if let refusal = impossibleQuorum(request, list) {
            base.context.reach(.quorumImpossible)
            base.context.respond(.failed(refusal), to: origin)
            return
        }
        if let refusal = request.contextRefusal(base.context.contextSeal) {
            base.context.reach(.contextRefused)
            base.context.respond(.failed(refusal), to: origin)
            return
        }
        switch request.operation {
        case .get: if !readAlone(request, list, origin, &base) { beginRead(request, list, for: .client(origin), &base) }
        case .explain: beginExplain(request, list, origin, &base)
        case .write(let write):
            if case .client = origin {
                if write.content == nil { base.context.counters.deletes += 1 } else { base.context.counters.puts += 1 }
            }
            route(request, list, origin, &base)
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
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, declined: [NodeID] = [],
        _ base: inout ShardBase
    ) {
        if list.replicas.contains(base.context.node) {
            beginWrite(request, list, origin, role: .owner, &base)
        } else if !base.context.resolver.needsReplicaCoordinator {
            beginWrite(request, list, origin, role: .proxy, &base)
        } else if let target = coordinator(among: list.replicas, origin, declined, &base.context) {
            forward(request, to: target, origin, declined, &base)
        } else if !base.context.isSloppy(request) {
            refuse(request, list, origin, &base)
        } else if list.fallbacks.contains(base.context.node) {
            base.context.reach(.coordinatedAsStandIn)
            beginWrite(request, list, origin, role: .standIn(for: list[0]), &base)
        } else if let target = coordinator(among: list.fallbacks, origin, declined, &base.context) {
            forward(request, to: target, origin, declined, &base)
        } else {
            refuse(request, list, origin, &base)
        }
    }

    /// The first that can be reached and has not declined; only a client's own node forwards, so requests never wander.
    private func coordinator(
        among candidates: Slice<PreferenceList>, _ origin: RequestOrigin, _ declined: [NodeID],
        _ context: inout ShardContext
    ) -> NodeID? {
        guard case .client = origin else { return nil }
        return candidates.first { $0 != context.node && context.isReachable($0) && !declined.contains($0) }
    }

    /// Nobody who may coordinate it can be reached. Whoever forwarded it here has another view of the ring, and did not take
    /// this node for one without a quorum: it is told that nothing was done, and asks the next.
    private mutating func refuse(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ base: inout ShardBase
    ) {
        if case .peer = origin {
            base.context.reach(.forwardedToNonOwner)
            let reason = "\(base.context.node) does not own the key in epoch \(base.context.epoch)"
            return base.context.respond(.failed(.unavailable(reason)), to: origin)
        }
        base.context.counters.quorumsUnmet += 1
        base.context.reach(.coordinatorMissing)
        base.context.respond(
            .failed(.quorumUnmet(answered: 0, needed: base.context.neededWrites(request, list))), to: origin)
    }

    private mutating func forward(
        _ request: ClientRequest, to target: NodeID, _ origin: RequestOrigin, _ declined: [NodeID],
        _ base: inout ShardBase
    ) {
        base.context.counters.forwarded += 1
        let id = base.context.newRequestID()
        forwards[id] = ForwardedRequest(origin: origin, request: request, target: target, declined: declined)
        // The coordinator answers within its own time-out; the margin lets that answer through.
        base.context.deadlines.insert(
            .request(id),
            due: base.context.now.monotonic.advanced(by: base.context.timeout(of: request) + .milliseconds(250)))
        base.context.send(.forward(id, request), to: target)
    }

    mutating func finishForward(
        _ id: RequestID, _ response: ClientResponse, from sender: NodeID, _ base: inout ShardBase
    ) {
        guard let forwarded = forwards[id], forwarded.target == sender else { return }
        forwards[id] = nil
        switch response {
        case .failed(.unavailable), .failed(.overloaded):
            // Nothing was done there: somebody else may do it.
            base.context.reach(.forwardDeclined)
            guard let placement = base.context.cluster?.placement, base.context.unavailability == nil else {
                base.context.respond(response, to: forwarded.origin)
                return
            }
            route(
                forwarded.request, placement.preferenceList(for: forwarded.request.token), forwarded.origin,
                declined: forwarded.declined + [sender], &base)
        default: base.context.respond(response, to: forwarded.origin)
        }
    }

    /// What was forwarded to a lost node may have been carried out: nobody knows.
    mutating func failForwards(to peer: NodeID, _ base: inout ShardBase) {
        for id in forwards.sortedNames where forwards[id]?.target == peer {  // ordered: sorted
            base.context.reach(.forwardLost)
            endForward(id, &base)
        }
    }

    private mutating func endForward(_ id: RequestID, _ base: inout ShardBase) {
        guard let forwarded = forwards.removeValue(forKey: id) else { return }
        base.context.counters.outcomesUnknown += 1
        base.context.respond(.failed(.outcomeUnknown), to: forwarded.origin)
    }

    mutating func passRequestDeadline(_ id: RequestID, _ base: inout ShardBase) {
        if writes[id] != nil { expireWrite(id, &base) }
        if reads[id] != nil { expireRead(id, &base) }
        if explains[id] != nil { finishExplain(id, &base) }
        if forwards.contains(id) { base.context.reach(.forwardTimedOut) }
        endForward(id, &base)
    }
}
