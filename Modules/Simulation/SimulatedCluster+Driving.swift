internal import NIOCore
internal import NodeCore
internal import Replication
internal import StatorCore
internal import Storage

/// Hands events to machines and carries their effects out, as the production driver does.
extension SimulatedCluster {
    func begin(_ node: SimulatedNode) {
        guard let membership = node.membership else { return }
        makeLinks(of: node)
        for shard in node.shards.indices {
            run(node, shard: shard, .started(membership.clusterState))
            follow(membership.clusterState.view, node, shard: shard)
        }
        run(node, .started)
    }

    func handle(_ event: consuming SimulatedEvent) {
        if pausedNodes > 0, let node = holder(of: event) {
            node.held.append(event)
            return
        }
        carryOut(consume event)
    }

    private func carryOut(_ event: consuming SimulatedEvent) {
        switch consume event {
        case .nothing: break
        case .connection(let slot, let serial, let step):
            if let connection = table[slot, serial] { handle(step, connection) }
        case .linkTick(let index, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp else { return }
            tick(node)
        case .redial(let index, let shard, let id, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp, Int(shard) < node.links.count else { return }
            handle(.redial(id), node, node.links[Int(shard)])
        case .message(let sender, let receiver, let destination, let bytes):
            deliver(bytes, destination, from: nodes[Int(sender)], to: nodes[Int(receiver)])
        case .shardTimer(let index, let shard, let timer, let place):
            let node = nodes[Int(index)]
            guard node.isCurrent(place, timer, shard: Int(shard)) else { return }
            mix(UInt64(shard) << 8 | 1)
            run(node, shard: Int(shard), .timer(timer))
        case .membershipTimer(let index, let timer, let place):
            let node = nodes[Int(index)]
            guard node.isCurrent(place, timer) else { return }
            mix(2)
            run(node, .timer(timer))
        case .storage(let index, let shard, let ticket, let result, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp else { return }
            run(node, shard: Int(shard), .storage(ticket, result))
        case .storesCarriedOut(let index, let shard, let life): onShard(index, shard, life, finishStep)
        case .syncRan(let index, let shard, let life): onShard(index, shard, life, finishSync)
        case .syncDue(let index, let shard, let life): onShard(index, shard, life, syncDue)
        case .maintenance(let index, let shard, let life): onShard(index, shard, life, maintain)
        case .recovered(let index, let shard, let life): onShard(index, shard, life, noteRecovered)
        case .stopPoll(let index, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp else { return }
            lookWhetherStopped(node)
        case .viewPersisted(let index, let view, let life):
            let node = nodes[Int(index)]
            guard node.life == life, node.isUp else { return }
            persist(view, node)
        case .leasePersisted(let index, let lease, let life):
            onFolder(index, life) { node, folder throws(DiskError) in
                try folder.write(lease)
            } then: { node, failure in
                run(node, .leasePersisted(lease, failure: failure))
            }
        case .witnessPersisted(let index, let book, let life):
            onFolder(index, life) { node, folder throws(DiskError) in
                try folder.write(book)
            } then: { node, failure in
                run(node, .witnessPersisted(failure: failure))
            }
        case .restoredNoted(let index, let life):
            onFolder(index, life) { node, folder throws(DiskError) in
                try folder.noteRestored()
            } then: { node, failure in
                if let failure { note("\(node.node): that its folder was restored could not be written: \(failure)") }
                for shard in node.shards.indices { run(node, shard: shard, .restored) }
            }
        case .forgottenNoted(let index, let shard, let life):
            onFolder(index, life) { node, folder throws(DiskError) in
                try folder.noteForgotten(shard: Int(shard))
            } then: { node, failure in
                if let failure { note("\(node.node)/\(shard): forgotten dots could not be noted: \(failure)") }
            }
        case .link(let index, let peer): checkLink(nodes[Int(index)], to: nodes[Int(peer)])
        case .linksTo(let index):
            for node in nodes where node.index != index { look(from: node, to: nodes[Int(index)]) }
        case .linksAround(let index):
            let node = nodes[Int(index)]
            for other in nodes where other !== node {
                look(from: node, to: other)
                look(from: other, to: node)
            }
        case .allLinks:
            for node in nodes {
                for peer in nodes where peer !== node { look(from: node, to: peer) }
            }
        case .client(let index, let ticket, let request): begin(request, ticket, at: nodes[Int(index)])
        case .administer(let index, let ticket, let action): administer(action, ticket, at: nodes[Int(index)])
        case .wake(let number): watcher?.woken(number)
        }
    }

    /// The node that an event waits at until it goes on: paused, and the event would not be void there.
    private func holder(of event: SimulatedEvent) -> SimulatedNode? {
        let node: SimulatedNode
        switch event {
        case .nothing, .wake, .linksTo, .linksAround, .allLinks: return nil
        case .connection(let slot, let serial, let step):
            guard let connection = table[slot, serial], let found = holder(of: step, connection) else { return nil }
            node = found
        case .linkTick(let index, let life), .redial(let index, _, _, let life), .stopPoll(let index, let life):
            node = nodes[Int(index)]
            if node.life != life { return nil }
        case .message(let sender, let receiver, _, _):
            node = nodes[Int(receiver)]
            if model.isCut(from: Int(sender), to: Int(receiver)) { return nil }
        case .shardTimer(let index, let shard, let timer, let place):
            node = nodes[Int(index)]
            if !node.isCurrent(place, timer, shard: Int(shard)) { return nil }
        case .membershipTimer(let index, let timer, let place):
            node = nodes[Int(index)]
            if !node.isCurrent(place, timer) { return nil }
        case .storage(let index, _, _, _, let life), .viewPersisted(let index, _, let life),
            .storesCarriedOut(let index, _, let life), .syncRan(let index, _, let life),
            .syncDue(let index, _, let life), .maintenance(let index, _, let life), .recovered(let index, _, let life),
            .leasePersisted(let index, _, let life), .witnessPersisted(let index, _, let life),
            .restoredNoted(let index, let life), .forgottenNoted(let index, _, let life):
            node = nodes[Int(index)]
            if node.life != life { return nil }
        case .link(let index, _), .client(let index, _, _), .administer(let index, _, _): node = nodes[Int(index)]
        }
        return node.isUp && node.isPaused ? node : nil
    }

    private func onShard(
        _ index: Int32, _ shard: UInt8, _ life: Int32, _ body: (SimulatedNode, SimulatedShard) -> Void
    ) {
        let node = nodes[Int(index)]
        guard node.life == life, node.isUp, let shard = node.shard(Int(shard)) else { return }
        body(node, shard)
    }

    // MARK: The data folder

    private func onFolder(
        _ index: Int32, _ life: Int32, _ write: (SimulatedNode, DataFolder) throws(DiskError) -> Void,
        then report: (SimulatedNode, String?) -> Void
    ) {
        let node = nodes[Int(index)]
        guard node.life == life, node.isUp, let folder = node.folder else { return }
        var failure: String?
        do throws(DiskError) { try write(node, folder) } catch { failure = "\(error)" }
        report(node, failure)
    }

    private func persist(_ view: View, _ node: SimulatedNode) {
        var failure: String?
        do throws(DiskError) {
            try node.folder?.write(view)
        } catch {
            failure = "\(error)"
        }
        run(node, .viewPersisted(view.epoch, failure: failure))
    }

    private func noteRecovered(_ node: SimulatedNode, _ shard: SimulatedShard) {
        do throws(DiskError) {
            try node.folder?.noteRecovered(shard: shard.index)
        } catch {
            note("\(node.node)/\(shard.index): that it has recovered could not be written: \(error)")
        }
    }

    private func begin(_ request: ClientRequest, _ ticket: ClientTicket, at node: SimulatedNode) {
        guard node.isUp else {
            record(.failed(.unavailable("connection refused")), for: ticket)
            return
        }
        mix(3 | request.token.value & ~0xFF)
        let shard = request.token.shard(of: node.shards.count)
        run(node, shard: shard, .client(ticket, request))
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

    /// One of several looks of an event: it waits by itself at a node that is paused.
    private func look(from node: SimulatedNode, to peer: SimulatedNode) {
        if node.isPaused, node.isUp {
            node.held.append(.link(Int32(node.index), peer: Int32(peer.index)))
        } else {
            checkLink(node, to: peer)
        }
    }

    private func checkLink(_ node: SimulatedNode, to peer: SimulatedNode) {
        guard node.isUp else { return }
        let canReach =
            peer.isUp && !model.isCut(from: node.index, to: peer.index)
            && !model.isCut(from: peer.index, to: node.index)
        guard node.reaches[peer.index] != canReach else { return }
        node.reaches[peer.index] = canReach
        mix(UInt64(peer.index) << 8 | (canReach ? 5 : 4))
        for shard in node.shards.indices { run(node, shard: shard, .linkChanged(peer.node, isUp: canReach)) }
        run(node, .linkChanged(peer.node, isUp: canReach))
    }

    // MARK: Machines

    func run(_ node: SimulatedNode, _ event: MembershipMachineEvent) {
        guard let membership = node.membership else { return }
        inputs += 1
        // An effect may lead to another input here: that one takes a box of its own.
        var outbox = Outbox<MembershipMachineEffect>()
        swap(&outbox, &node.outbox)
        membership.handle(event, now: now(at: node), outbox: &outbox)
        for index in outbox.indices where node.isUp {
            carryOut(outbox.take(index, leaving: .setTimer(.tick, after: .zero)), node)
        }
        outbox.removeAll()
        swap(&outbox, &node.outbox)
    }

    private func carryOut(_ effect: consuming MembershipMachineEffect, _ node: SimulatedNode) {
        switch consume effect {
        case .send(let peer, let message): send(message, from: node, to: peer)
        case .setTimer(let timer, let delay):
            let span = Duration(nanoseconds: node.clock.trueDuration(of: delay.nanoseconds))
            schedule(.membershipTimer(Int32(node.index), timer, node.set(timer)), after: span)
        case .persistView(let view):
            schedule(.viewPersisted(Int32(node.index), view, life: node.life), after: syncLatency)
        case .persistLease(let lease):
            schedule(.leasePersisted(Int32(node.index), lease, life: node.life), after: syncLatency)
        case .persistWitness(let book):
            schedule(.witnessPersisted(Int32(node.index), book, life: node.life), after: syncLatency)
        case .noteRestored: schedule(.restoredNoted(Int32(node.index), life: node.life), after: syncLatency)
        case .grant(let grant): for shard in node.shards.indices { run(node, shard: shard, .dotsGranted(grant)) }
        case .publish(let state):
            watcher?.adopted(state, node: node.index)
            node.card?.follow(state.view)
            for shard in node.shards.indices {
                follow(state.view, node, shard: shard)
                run(node, shard: shard, .clusterChanged(state))
            }
        case .livenessChanged(let peer, let state):
            if let watcher, let judged = index(of: peer) {
                watcher.judged(judged, dead: state == .dead, by: node.index)
            }
            for shard in node.shards.indices { run(node, shard: shard, .livenessChanged(peer, state)) }
        case .dial(let peer, let endpoint):
            if let links = node.links.first { return handle(.reach(peer, endpoint), node, links) }
            guard let peer = index(of: peer) else { return }
            schedule(.link(Int32(node.index), peer: Int32(peer)), after: .milliseconds(1))
        case .respond(let ticket, let response): record(response, for: ticket)
        case .log(let entry): note("\(node.node): \(entry)")
        }
    }

    func run(_ node: SimulatedNode, shard: Int, _ event: consuming ShardEvent) {
        guard let shard = node.shard(shard) else { return }
        inputs += 1
        node.inputs += 1
        var outbox = Outbox<ShardEffect>()
        swap(&outbox, &shard.outbox)
        shard.machine.handle(consume event, now: now(at: node), outbox: &outbox)
        for index in outbox.indices where node.isUp { carryOut(outbox.take(index, leaving: .recovered), node, shard) }
        outbox.removeAll()
        swap(&outbox, &shard.outbox)
    }

    private func carryOut(_ effect: consuming ShardEffect, _ node: SimulatedNode, _ shard: SimulatedShard) {
        switch consume effect {
        case .send(let peer, let message): send(message, from: node, shard: shard.index, to: peer)
        case .setTimer(let timer, let delay):
            let due = present.nanoseconds + node.clock.trueDuration(of: delay.nanoseconds)
            let place = shard.set(timer, life: node.life)
            schedule(
                .shardTimer(Int32(node.index), shard: UInt8(shard.index), timer, place), at: Instant(nanoseconds: due))
        case .storage(let ticket, let store, let command): execute(command, ticket, store, node, shard)
        case .respond(let ticket, let response): record(response, for: ticket)
        case .rangesStreamed(let epoch): run(node, .rangesStreamed(shard: shard.index, epoch))
        case .recovered:
            schedule(.recovered(Int32(node.index), shard: UInt8(shard.index), life: node.life), after: syncLatency)
        case .dotsIssued(let counter, let incarnation):
            run(node, .dotsIssued(counter, incarnation: incarnation))
        case .dotsForgotten:
            schedule(.forgottenNoted(Int32(node.index), shard: UInt8(shard.index), life: node.life), after: syncLatency)
        case .log(let entry): note("\(node.node)/\(shard.index): \(entry)")
        }
    }
}
