internal import NIOCore
internal import NodeCore
internal import Replication
internal import StatorCore
internal import Wire

/// The links of nodes over connections: hands events to their machines and carries their effects out, as the production
/// driver does.
extension SimulatedCluster {
    /// A node that starts has links of its own, which dial when they are told a view.
    func makeLinks(of node: SimulatedNode) {
        guard transport == .tcp, let folder = node.folder else { return }
        let card = NodeCard(
            blueprint: node.blueprint, generation: folder.identity.generation,
            view: folder.firstView(of: node.blueprint))
        node.card = card
        node.links = node.shards.indices.map { shard in
            SimulatedLinks(
                node: node.index, shard: shard,
                set: LinkSet(shard: shard, card: card, random: random.split(), queueBound: NetworkLimits.queuedBytes))
        }
        let tick = NodeCoreLimits.linkTick.nanoseconds
        let first = tick / 2 + Int64(random.below(Int(tick / 2)))
        schedule(.linkTick(Int32(node.index), life: node.life), after: Duration(nanoseconds: first))
    }

    /// Every shard dials the members of a view.
    func follow(_ view: View, _ node: SimulatedNode, shard: Int) {
        guard shard < node.links.count else { return }
        handle(.follow(view), node, node.links[shard])
    }

    func handle(_ event: LinkEvent, _ node: SimulatedNode, _ links: SimulatedLinks) {
        links.set.handle(event, now: now(at: node).monotonic, outbox: &links.outbox)
        carryOut(node, links)
    }

    /// What an effect brings about at once is carried out after those before it.
    private func carryOut(_ node: SimulatedNode, _ links: SimulatedLinks) {
        guard !links.isCarryingOut, !links.outbox.isEmpty else { return }
        links.isCarryingOut = true
        var next = 0
        while next < links.outbox.indices.upperBound, node.isUp {
            let effect = links.outbox.take(next, leaving: .close(.none))
            next += 1
            carryOut(effect, node, links)
        }
        links.outbox.removeAll()
        links.isCarryingOut = false
        let (counted, before) = (links.set.counters, links.counted)
        guard counted != before else { return }
        model.counters.brokenLinks += counted.linksBroken - before.linksBroken
        model.counters.dropped += counted.framesDropped - before.framesDropped
        links.counted = counted
    }

    private func carryOut(_ effect: consuming LinkEffect, _ node: SimulatedNode, _ links: SimulatedLinks) {
        switch consume effect {
        case .dial(let id, let endpoint): dial(id, endpoint, from: node, links)
        case .write(let id, let bytes):
            guard let connection = links.connection(id), connection.diallerEnd == .open else { return }
            write(bytes, on: connection, isForward: true)
        case .close(let id): if let connection = links.connection(id) { closeDialler(connection) }
        case .redial(let id, let delay):
            let span = Duration(nanoseconds: node.clock.trueDuration(of: delay.nanoseconds))
            schedule(.redial(Int32(node.index), shard: UInt8(links.shard), id, life: node.life), after: span)
        case .changed(let peer, let isUp): changed(peer, isUp, node, links.shard)
        case .log(let entry): if isTraced { note("\(node.node): \(entry)") }
        }
    }

    private func changed(_ peer: NodeID, _ isUp: Bool, _ node: SimulatedNode, _ shard: Int) {
        mix(UInt64(index(of: peer) ?? nodes.count) << 16 | UInt64(shard) << 8 | (isUp ? 5 : 4))
        if shard == 0 { run(node, .linkChanged(peer, isUp: isUp)) }
        run(node, shard: shard, .linkChanged(peer, isUp: isUp))
    }

    func tick(_ node: SimulatedNode) {
        schedule(
            .linkTick(Int32(node.index), life: node.life),
            after: Duration(nanoseconds: node.clock.trueDuration(of: NodeCoreLimits.linkTick.nanoseconds)))
        for links in node.links where node.isUp { handle(.tick, node, links) }
        // A connection that ends meanwhile takes itself off the list.
        for connection in Array(node.accepted) where node.isUp {
            switch connection.accepted?.tick(now: now(at: node).monotonic) {
            case nil, .nothing: break
            case .answer(let caller):
                write(Frame.keepAliveBytes, on: connection, isForward: false)
                if caller.shard < node.links.count {
                    handle(.heard(caller.node, caller.peerEndpoint), node, node.links[caller.shard])
                }
            case .end, .malformed: closeAcceptor(connection)
            }
        }
    }

    // MARK: Sending

    /// - Returns: the size of the message, or `nil` where the link did not take it.
    func stage(_ message: ShardMessage, from node: SimulatedNode, shard: Int, to peer: NodeID) -> Int? {
        guard shard < node.links.count else { return nil }
        let links = node.links[shard]
        let size = links.set.send(message, to: peer)
        noteStaged(links)
        return size
    }

    func stage(_ message: MembershipMessage, from node: SimulatedNode, to peer: NodeID) -> Int? {
        guard let links = node.links.first else { return nil }
        let size = links.set.send(message, to: peer, now: now(at: node).monotonic)
        noteStaged(links)
        return size
    }

    private func noteStaged(_ links: SimulatedLinks) {
        guard !links.isStaged, links.set.hasStaged else { return }
        links.isStaged = true
        stagedLinks.append(links)
    }

    /// The end of a turn: all that was sent to one peer leaves in one write.
    func flushLinks() {
        var next = 0
        // What news of links bring about is staged at the end.
        while next < stagedLinks.count {
            let links = stagedLinks[next]
            next += 1
            links.isStaged = false
            let node = nodes[links.node]
            guard node.isUp, links.shard < node.links.count, node.links[links.shard] === links else { continue }
            links.set.flush(now: now(at: node).monotonic, outbox: &links.outbox)
            carryOut(node, links)
        }
        stagedLinks.removeAll(keepingCapacity: true)
    }

    // MARK: Looking inside

    /// Why messages do not pass between all nodes that run and are not cut off, or `nil`: a link that is not up, or whose
    /// connection is broken without one of its ends knowing. O(links).
    package var unusableLink: String? {
        for node in nodes where node.isUp && !node.isPaused {
            for links in node.links {
                for peer in links.set.peers {
                    guard let other = index(of: peer).map({ nodes[$0] }), other.isUp, !other.isPaused,
                        !model.isCut(from: node.index, to: other.index), !model.isCut(from: other.index, to: node.index)
                    else { continue }
                    guard links.set.isUp(to: peer), isWhole(links, to: peer) else {
                        return "the link from \(node.node) to \(peer) is not up"
                    }
                }
            }
        }
        return nil
    }

    private func isWhole(_ links: SimulatedLinks, to peer: NodeID) -> Bool {
        links.connections.contains { connection in
            guard let connection, nodes[connection.acceptor].node == peer, connection.diallerEnd == .open else {
                return false
            }
            return connection.accepted != nil && !connection.forward.isStuck
                && !connection.backward.isStuck
        }
    }
}
