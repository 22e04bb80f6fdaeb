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
    /// When the client's time is over.
    let due: Instant
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
            beginRoute(request, list, origin, &base)
        case .update(let update):
            if case .client = origin {
                if update == .take { base.context.counters.deletes += 1 } else { base.context.counters.puts += 1 }
            }
            beginRoute(request, list, origin, &base)
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

    private mutating func beginRoute(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ base: inout ShardBase
    ) {
        let due = base.context.now.monotonic.advanced(by: base.context.timeout(of: request))
        route(request, list, origin, declined: [], due: due, &base)
    }

    /// Chooses who coordinates a write: an owner that can be reached, or where there is none and the request is sloppy, a
    /// fallback that can. A plain write is coordinated here where this node is one of them, and also where the resolver lets
    /// anyone; a conditional one by the first of them in the order of preference, whoever was asked.
    /// - Parameters:
    ///   - declined: nodes that were asked and did nothing.
    ///   - due: when the client's time is over.
    private mutating func route(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, declined: [NodeID], due: Instant,
        _ base: inout ShardBase
    ) {
        if let owner = coordinator(among: list.replicas, request, origin, declined, keeping: .records, base.context) {
            guard owner != base.context.node else {
                return beginWrite(request, list, origin, role: .owner, due: due, &base)
            }
            if !base.context.resolver.needsReplicaCoordinator, !request.isConditional {
                return beginWrite(request, list, origin, role: .proxy, due: due, &base)
            }
            return forward(request, to: owner, origin, declined, due: due, &base)
        }
        if !base.context.resolver.needsReplicaCoordinator, !request.isConditional {
            return beginWrite(request, list, origin, role: .proxy, due: due, &base)
        }
        guard base.context.isSloppy(request),
            let fallback = coordinator(among: list.fallbacks, request, origin, declined, keeping: .hints, base.context)
        else { return refuse(request, list, origin, declined, &base) }
        guard fallback == base.context.node else {
            return forward(request, to: fallback, origin, declined, due: due, &base)
        }
        base.context.reach(.coordinatedAsStandIn)
        beginWrite(request, list, origin, role: .standIn(for: list[0]), due: due, &base)
    }

    /// Until the node knows under which incarnation it issues dots, its writes wait: a moment after its start.
    /// - Parameter due: when the client's time is over.
    /// - Returns: whether the write waits.
    mutating func holdsForDots(
        _ request: ClientRequest, _ origin: RequestOrigin, due: Instant, _ base: inout ShardBase
    ) -> Bool {
        guard !base.context.mayIssueDots else { return false }
        base.context.reach(.writeWaitsForDots)
        held.append((request, origin, due))
        return true
    }

    /// Dots may be issued: what waited for it goes on.
    mutating func resumeHeld(_ base: inout ShardBase) {
        guard !held.isEmpty, base.context.mayIssueDots else { return }
        let waiting = held
        held = []
        for (request, origin, due) in waiting {
            guard let placement = base.context.cluster?.placement else { continue }
            let list = placement.preferenceList(for: request.token)
            route(request, list, origin, declined: [], due: due, &base)
        }
    }

    /// Whoever has declined is passed over; only a client's own node forwards, so requests never wander. Nodes that cannot
    /// store are asked last; but for a conditional write all nodes have to choose alike, so that they say so themselves.
    /// - Parameter store: where the coordinator keeps what it writes.
    private func coordinator(
        among candidates: Slice<PreferenceList>, _ request: ClientRequest, _ origin: RequestOrigin,
        _ declined: [NodeID], keeping store: StoreName, _ context: ShardContext
    ) -> NodeID? {
        let isHere = candidates.contains(context.node) && !declined.contains(context.node) && context.takesWrites(store)
        guard case .client = origin else { return isHere ? context.node : nil }
        if isHere, !request.isConditional { return context.node }
        func isUsable(_ candidate: NodeID) -> Bool {
            candidate == context.node ? isHere : context.isReachable(candidate) && !declined.contains(candidate)
        }
        if context.peers.arePassedOver, !request.isConditional,
            let sound = candidates.first(where: { isUsable($0) && context.canStore($0) })
        {
            return sound
        }
        return candidates.first(where: isUsable)
    }

    /// Nobody who may coordinate it can be reached. Whoever forwarded it here has another view of the ring, and did not take
    /// this node for one without a quorum: it is told that nothing was done, and asks the next.
    private mutating func refuse(
        _ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin, _ declined: [NodeID],
        _ base: inout ShardBase
    ) {
        let isDeclinedHere = declined.contains(base.context.node) || !base.context.takesWrites(.records)
        if isDeclinedHere, list.replicas.contains(base.context.node) {
            base.context.reach(.coordinatorCannotStore)
            return base.context.respond(.failed(base.context.cannotStore), to: origin)
        }
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
        _ request: ClientRequest, to target: NodeID, _ origin: RequestOrigin, _ declined: [NodeID], due: Instant,
        _ base: inout ShardBase
    ) {
        base.context.counters.forwarded += 1
        let id = base.context.newRequestID()
        forwards[id] = ForwardedRequest(
            origin: origin, request: request, target: target, declined: declined, due: due)
        // The coordinator answers within its own time-out; the margin lets that answer through.
        base.context.deadlines.insert(.request(id), due: due.advanced(by: .milliseconds(250)))
        base.context.send(.forward(id, request), to: target)
    }

    mutating func finishForward(
        _ id: RequestID, _ response: ClientResponse, from sender: NodeID, _ base: inout ShardBase
    ) {
        guard let forwarded = forwards[id], forwarded.target == sender else { return }
        forwards[id] = nil
        switch response {
        case .failed(.unavailable), .failed(.overloaded), .failed(.cannotStore):
            // Nothing was done there: somebody else may do it.
            base.context.reach(.forwardDeclined)
            if case .failed(.cannotStore) = response { base.context.noteCannotStore(sender) }
            guard let placement = base.context.cluster?.placement, base.context.unavailability == nil,
                base.context.now.monotonic < forwarded.due
            else {
                base.context.respond(response, to: forwarded.origin)
                return
            }
            route(
                forwarded.request, placement.preferenceList(for: forwarded.request.token), forwarded.origin,
                declined: forwarded.declined + [sender], due: forwarded.due, &base)
        default: base.context.respond(response, to: forwarded.origin)
        }
    }

    /// Nothing of a write that was begun here was stored, for this reason: somebody else may do it.
    mutating func passOn(_ id: RequestID, because error: ClientError, _ base: inout ShardBase) {
        guard let operation = writes[id], !operation.isAnswered else { return }
        remove(id, operation, &base)
        base.context.reach(.ownWriteRefused)
        guard case .client = operation.origin, let placement = base.context.cluster?.placement,
            base.context.unavailability == nil, let due = operation.times.request, base.context.now.monotonic < due
        else { return base.context.respond(.failed(error), to: operation.origin) }
        route(
            operation.request, placement.preferenceList(for: operation.request.token), operation.origin,
            declined: [base.context.node], due: due, &base)
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
