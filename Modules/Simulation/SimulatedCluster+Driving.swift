internal import NIOCore
internal import Replication
internal import StatorCore
internal import Storage

/// Hands events to machines and carries their effects out, as the production driver does.
extension SimulatedCluster {
    func begin(_ node: SimulatedNode) {
        guard let membership = node.membership else { return }
        for shard in node.shards.indices { run(node, shard: shard, .started(membership.clusterState)) }
        run(node, .started)
    }

    func handle(_ event: SimulatedEvent) {
        switch event {
        case .nothing: break
        case .message(let sender, let receiver, let destination, let bytes):
            deliver(bytes, destination, from: nodes[Int(sender)], to: nodes[Int(receiver)], event)
        case .shardTimer(let index, let shard, let timer, let place):
            let node = nodes[Int(index)]
            guard node.isCurrent(place, timer, shard: Int(shard)), !isHeld(event, at: node) else { return }
            mix(UInt64(shard) << 8 | 1)
            run(node, shard: Int(shard), .timer(timer))
        case .membershipTimer(let index, let timer, let place):
            let node = nodes[Int(index)]
            guard node.isCurrent(place, timer), !isHeld(event, at: node) else { return }
            mix(2)
            run(node, .timer(timer))
        case .storage(let index, let shard, let ticket, let result, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp, !isHeld(event, at: node) else { return }
            run(node, shard: Int(shard), .storage(ticket, result))
        case .sync(let index, let shard, let store, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp else { return }
            finishSync(node, shard: Int(shard), store)
        case .viewPersisted(let index, let view, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp, !isHeld(event, at: node) else { return }
            node.view = view
            run(node, .viewPersisted(view.epoch, failure: nil))
        case .link(let index, let peer): checkLink(nodes[Int(index)], to: nodes[Int(peer)], event)
        case .client(let index, let ticket, let request): begin(request, ticket, at: nodes[Int(index)], event)
        case .administer(let index, let ticket, let action): administer(action, ticket, at: nodes[Int(index)], event)
        case .wake(let number): observer?.woken(number)
        }
    }

    /// Whether the node is paused, and the event waits until it goes on.
    private func isHeld(_ event: SimulatedEvent, at node: SimulatedNode) -> Bool {
        guard node.isPaused else { return false }
        node.held.append(event)
        return true
    }

    private func begin(
        _ request: ClientRequest, _ ticket: ClientTicket, at node: SimulatedNode, _ event: SimulatedEvent
    ) {
        guard node.isUp else {
            record(.failed(.unavailable("connection refused")), for: ticket)
            return
        }
        if isHeld(event, at: node) { return }
        mix(3 | request.token.value & ~0xFF)
        run(node, shard: request.token.shard(of: node.shards.count), .client(ticket, request))
    }

    private func administer(
        _ action: AdminAction, _ ticket: ClientTicket, at node: SimulatedNode, _ event: SimulatedEvent
    ) {
        guard node.isUp else {
            record(.refused("connection refused"), for: ticket)
            return
        }
        if isHeld(event, at: node) { return }
        if action == .syncNow {
            for shard in node.shards.indices { run(node, shard: shard, .syncNow) }
        }
        run(node, .administer(ticket, action))
    }

    private func checkLink(_ node: SimulatedNode, to peer: SimulatedNode, _ event: SimulatedEvent) {
        guard node.isUp, !isHeld(event, at: node) else { return }
        let canReach =
            peer.isUp && !network.isCut(from: node.index, to: peer.index)
            && !network.isCut(from: peer.index, to: node.index)
        guard node.links[peer.index] != canReach else { return }
        node.links[peer.index] = canReach
        mix(UInt64(peer.index) << 8 | (canReach ? 5 : 4))
        for shard in node.shards.indices { run(node, shard: shard, .linkChanged(peer.node, isUp: canReach)) }
        run(node, .linkChanged(peer.node, isUp: canReach))
    }

    // MARK: Machines

    func run(_ node: SimulatedNode, _ event: MembershipMachineEvent) {
        guard let membership = node.membership else { return }
        inputs += 1
        var outbox = membershipOutboxes.popLast() ?? Outbox()
        membership.handle(event, now: now(at: node), outbox: &outbox)
        for effect in outbox.effects where node.isUp { carryOut(effect, node) }
        outbox.removeAll()
        membershipOutboxes.append(outbox)
    }

    private func carryOut(_ effect: MembershipMachineEffect, _ node: SimulatedNode) {
        switch effect {
        case .send(let peer, let message): send(message, from: node, to: peer)
        case .setTimer(let timer, let delay):
            let span = Duration(nanoseconds: node.clock.trueDuration(of: delay.nanoseconds))
            schedule(.membershipTimer(Int32(node.index), timer, node.set(timer)), after: span)
        case .persistView(let view):
            schedule(.viewPersisted(Int32(node.index), view, life: node.life), after: syncLatency)
        case .publish(let state):
            observer?.adopted(state, node: node.index)
            for shard in node.shards.indices { run(node, shard: shard, .clusterChanged(state)) }
        case .livenessChanged(let peer, let state):
            for shard in node.shards.indices { run(node, shard: shard, .livenessChanged(peer, state)) }
        case .dial(let peer, _):
            guard let peer = index(of: peer) else { return }
            schedule(.link(Int32(node.index), peer: Int32(peer)), after: .milliseconds(1))
        case .respond(let ticket, let response): record(response, for: ticket)
        case .log(let entry): note("\(node.node): \(entry)")
        }
    }

    func run(_ node: SimulatedNode, shard: Int, _ event: ShardEvent) {
        guard shard < node.shards.count else { return }
        inputs += 1
        node.inputs += 1
        var outbox = shardOutboxes.popLast() ?? Outbox()
        node.shards[shard].machine.handle(event, now: now(at: node), outbox: &outbox)
        for effect in outbox.effects where node.isUp { carryOut(effect, node, shard: shard) }
        outbox.removeAll()
        shardOutboxes.append(outbox)
    }

    private func carryOut(_ effect: ShardEffect, _ node: SimulatedNode, shard: Int) {
        switch effect {
        case .send(let peer, let message): send(message, from: node, shard: shard, to: peer)
        case .setTimer(let timer, let delay):
            let span = Duration(nanoseconds: node.clock.trueDuration(of: delay.nanoseconds))
            let place = node.set(timer, shard: shard)
            schedule(.shardTimer(Int32(node.index), shard: UInt8(shard), timer, place), after: span)
        case .storage(let ticket, let store, let command): execute(command, ticket, store, node, shard: shard)
        case .respond(let ticket, let response): record(response, for: ticket)
        case .rangesStreamed(let epoch): run(node, .rangesStreamed(shard: shard, epoch))
        case .recovered: node.identity?.isRecovering[shard] = false
        case .log(let entry): note("\(node.node)/\(shard): \(entry)")
        }
    }
}
