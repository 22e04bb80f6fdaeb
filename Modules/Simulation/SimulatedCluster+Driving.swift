internal import NIOCore
internal import Replication
internal import StatorCore
internal import Storage
internal import Wire

/// Hands events to machines and carries their effects out, as the production driver does.
extension SimulatedCluster {
    func begin(_ node: SimulatedNode) {
        guard let membership = node.membership else { return }
        for shard in node.shards.indices { run(node, shard: shard, .started(membership.clusterState)) }
        run(node, .started)
    }

    func handle(_ kind: SimulatedEvent.Kind) {
        switch kind {
        case .frame(let sender, let receiver, let destination, let bytes):
            deliver(bytes, destination, from: sender, to: simulated(receiver))
        case .shardTimer(let name, let shard, let timer, let place):
            let node = simulated(name)
            guard isCurrent(place, .shard(shard, timer), node) else { return }
            run(node, shard: shard, .timer(timer))
        case .membershipTimer(let name, let timer, let place):
            let node = simulated(name)
            guard isCurrent(place, .membership(timer), node) else { return }
            run(node, .timer(timer))
        case .storage(let name, let shard, let ticket, let result, let life):
            let node = simulated(name)
            guard node.isUp, node.life == life else { return }
            run(node, shard: shard, .storage(ticket, result))
        case .sync(let name, let shard, let store, let life):
            let node = simulated(name)
            guard node.isUp, node.life == life else { return }
            finishSync(node, shard: shard, store)
        case .viewPersisted(let name, let view, let life):
            let node = simulated(name)
            guard node.isUp, node.life == life else { return }
            node.view = view
            run(node, .viewPersisted(view.epoch, failure: nil))
        case .link(let name, let peer): checkLink(simulated(name), to: simulated(peer))
        case .client(let name, let ticket, let request): begin(request, ticket, at: simulated(name))
        case .administer(let name, let ticket, let action): administer(action, ticket, at: simulated(name))
        }
    }

    private func isCurrent(_ place: TimerPlace, _ name: SimulatedNode.TimerName, _ node: SimulatedNode) -> Bool {
        node.isUp && node.life == place.life && node.timers[name] == place.setting
    }

    private func begin(_ request: ClientRequest, _ ticket: ClientTicket, at node: SimulatedNode) {
        guard node.isUp else {
            record(.failed(.unavailable("connection refused")), for: ticket)
            return
        }
        run(node, shard: request.token.shard(of: node.shards.count), .client(ticket, request))
    }

    private func administer(_ action: AdminAction, _ ticket: ClientTicket, at node: SimulatedNode) {
        guard node.isUp else {
            record(.refused("connection refused"), for: ticket)
            return
        }
        if action == .syncNow {
            for shard in node.shards.indices { run(node, shard: shard, .syncNow) }
        }
        run(node, .administer(ticket, action))
    }

    private func checkLink(_ node: SimulatedNode, to peer: SimulatedNode) {
        guard node.isUp else { return }
        let canReach =
            peer.isUp && !network.isCut(from: node.node, to: peer.node)
            && !network.isCut(from: peer.node, to: node.node)
        guard node.links[peer.node, default: false] != canReach else { return }
        node.links[peer.node] = canReach
        for shard in node.shards.indices { run(node, shard: shard, .linkChanged(peer.node, isUp: canReach)) }
        run(node, .linkChanged(peer.node, isUp: canReach))
    }

    // MARK: Messages

    private func deliver(_ bytes: ByteBuffer, _ destination: UInt8, from sender: NodeID, to node: SimulatedNode) {
        guard node.isUp, !network.isCut(from: sender, to: node.node) else { return }
        mix(bytes)
        var rest = bytes
        do {
            if destination == Frame.membership {
                run(node, .message(from: sender, try MembershipMessageCodec.decode(&rest)))
            } else {
                run(node, shard: Int(destination), .message(from: sender, try ShardMessageCodec.decode(&rest)))
            }
        } catch {
            preconditionFailure("a message of ours does not decode: \(error)")
        }
    }

    private func transmit(_ bytes: ByteBuffer, _ destination: UInt8, from node: SimulatedNode, to peer: NodeID) {
        guard nodes.contains(where: { $0.node == peer }), !network.isCut(from: node.node, to: peer) else { return }
        for delay in network.delays(using: &random) {
            schedule(.frame(from: node.node, to: peer, destination: destination, bytes), after: delay)
        }
    }

    // MARK: Machines

    func run(_ node: SimulatedNode, _ event: MembershipMachineEvent) {
        guard let membership = node.membership else { return }
        var outbox = Outbox<MembershipMachineEffect>()
        membership.handle(event, now: now(at: node), outbox: &outbox)
        for effect in outbox.drain() where node.isUp { carryOut(effect, node) }
    }

    private func carryOut(_ effect: MembershipMachineEffect, _ node: SimulatedNode) {
        switch effect {
        case .send(let peer, let message):
            var bytes = ByteBuffer()
            MembershipMessageCodec.encode(message, into: &bytes)
            transmit(bytes, Frame.membership, from: node, to: peer)
        case .setTimer(let timer, let delay):
            let place = newPlace(of: .membership(timer), node)
            schedule(.membershipTimer(node.node, timer, place), after: delay)
        case .persistView(let view):
            schedule(.viewPersisted(node.node, view, life: node.life), after: syncLatency)
        case .publish(let state):
            for shard in node.shards.indices { run(node, shard: shard, .clusterChanged(state)) }
        case .livenessChanged(let peer, let state):
            for shard in node.shards.indices { run(node, shard: shard, .livenessChanged(peer, state)) }
        case .dial(let peer, _): schedule(.link(node.node, peer: peer), after: .milliseconds(1))
        case .respond(let ticket, let response): record(response, for: ticket)
        case .log(let entry): note("\(node.node): \(entry)")
        }
    }

    private func newPlace(of name: SimulatedNode.TimerName, _ node: SimulatedNode) -> TimerPlace {
        let setting = node.timers[name, default: 0] + 1
        node.timers[name] = setting
        return TimerPlace(life: node.life, setting: setting)
    }

    func run(_ node: SimulatedNode, shard: Int, _ event: ShardEvent) {
        guard node.shards.indices.contains(shard) else { return }
        var outbox = Outbox<ShardEffect>()
        node.shards[shard].machine.handle(event, now: now(at: node), outbox: &outbox)
        for effect in outbox.drain() where node.isUp { carryOut(effect, node, shard: shard) }
    }

    private func carryOut(_ effect: ShardEffect, _ node: SimulatedNode, shard: Int) {
        switch effect {
        case .send(let peer, let message):
            var bytes = ByteBuffer()
            ShardMessageCodec.encode(message, into: &bytes)
            transmit(bytes, UInt8(shard), from: node, to: peer)
        case .setTimer(let timer, let delay):
            let place = newPlace(of: .shard(shard, timer), node)
            schedule(.shardTimer(node.node, shard: shard, timer, place), after: delay)
        case .storage(let ticket, let store, let command): execute(command, ticket, store, node, shard: shard)
        case .respond(let ticket, let response): record(response, for: ticket)
        case .rangesStreamed(let epoch): run(node, .rangesStreamed(shard: shard, epoch))
        case .recovered: node.identity?.isRecovering[shard] = false
        case .log(let entry): note("\(node.node)/\(shard): \(entry)")
        }
    }
}
