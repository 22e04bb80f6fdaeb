internal import Hashing
internal import NIOCore
internal import NodeCore
internal import Replication
internal import StatorCore
internal import Wire

/// Connections are made, carry bytes, and end, as kernels and the network between them see to it.
extension SimulatedCluster {
    private func schedule(_ step: ConnectionStep, _ connection: SimulatedConnection, at due: Instant) {
        schedule(.connection(Int32(connection.slot), serial: connection.serial, step), at: due)
    }

    /// Where an event of a connection waits while its node is paused: what the kernel does goes on.
    func holder(of step: ConnectionStep, _ connection: SimulatedConnection) -> SimulatedNode? {
        switch step {
        case .knock: return nil
        case .accept, .resetAtAcceptor: return nodes[connection.acceptor]
        case .established, .refused, .timedOut, .resetAtDialler: return nodes[connection.dialler]
        case .forward:
            let isHeld = connection.acceptorEnd == .open && isReadable(connection, isForward: true)
            return isHeld ? nodes[connection.acceptor] : nil
        case .backward:
            let isHeld = connection.diallerEnd == .open && isReadable(connection, isForward: false)
            return isHeld ? nodes[connection.dialler] : nil
        }
    }

    /// Whether what comes next on a stream arrives.
    private func isReadable(_ connection: SimulatedConnection, isForward: Bool) -> Bool {
        if isForward {
            !connection.forward.isEmpty && !connection.forward.isStuck
                && !model.isCut(from: connection.dialler, to: connection.acceptor)
        } else {
            !connection.backward.isEmpty && !connection.backward.isStuck
                && !model.isCut(from: connection.acceptor, to: connection.dialler)
        }
    }

    func handle(_ news: ConnectionStep, _ connection: SimulatedConnection) {
        switch news {
        case .knock: knock(connection)
        case .accept: accept(connection)
        case .established: established(connection)
        case .refused, .timedOut: failed(connection)
        case .forward:
            connection.isForwardPlanned = false
            step(connection, isForward: true)
        case .backward:
            connection.isBackwardPlanned = false
            step(connection, isForward: false)
        case .resetAtDialler: endDialler(connection)
        case .resetAtAcceptor: endAcceptor(connection)
        }
    }

    // MARK: Being made

    func dial(_ id: LinkID, _ endpoint: Endpoint, from node: SimulatedNode, _ links: SimulatedLinks) {
        let timeout = node.clock.trueDuration(of: NodeCoreLimits.connectTimeout.nanoseconds)
        let deadline = Instant(nanoseconds: present.nanoseconds + timeout)
        let target = listener(at: endpoint)
        let connection = table.add { slot, serial in
            SimulatedConnection(
                slot: slot, serial: serial, dialler: node.index, acceptor: target ?? node.index, shard: links.shard,
                link: id, deadline: deadline)
        }
        links.keep(connection)
        guard target != nil else {
            connection.acceptorEnd = .closed
            return schedule(.refused, connection, at: present.advanced(by: .milliseconds(1)))
        }
        reach(connection, .knock, isForward: true)
    }

    /// Sends a packet of the handshake. One that is lost would be sent again after a second, which is too late.
    private func reach(_ connection: SimulatedConnection, _ step: ConnectionStep, isForward: Bool) {
        let (from, to) =
            isForward
            ? (connection.dialler, connection.acceptor) : (connection.acceptor, connection.dialler)
        let carriage = model.carry(
            from: from, to: to, bytes: NetworkLimits.emptyPacket, at: present, using: &random)
        if case .arrives(let arrival) = carriage, arrival < connection.deadline {
            schedule(step, connection, at: arrival)
        } else {
            schedule(.timedOut, connection, at: connection.deadline)
        }
    }

    private func knock(_ connection: SimulatedConnection) {
        let node = nodes[connection.acceptor]
        guard !node.isPoweredOff, !model.isCut(from: connection.dialler, to: connection.acceptor) else {
            return schedule(.timedOut, connection, at: connection.deadline)
        }
        guard node.isUp else {
            connection.acceptorEnd = .closed
            return reach(connection, .refused, isForward: false)
        }
        connection.acceptorEnd = .open
        schedule(.accept, connection, at: present)
        reach(connection, .established, isForward: false)
    }

    private func accept(_ connection: SimulatedConnection) {
        let node = nodes[connection.acceptor]
        guard node.isUp, connection.acceptorEnd == .open, let card = node.card else { return }
        var accepted = AcceptedLink(card, now: now(at: node).monotonic)
        node.accepted.append(connection)
        let handshakes = node.accepted.count { $0.accepted?.peer == nil }
        guard node.accepted.count <= NodeCoreLimits.maximumConnections, handshakes <= NodeCoreLimits.maximumHandshakes
        else {
            write(accepted.refuse(.tooManyConnections), on: connection, isForward: false)
            return closeAcceptor(connection)
        }
        connection.accepted = accepted
    }

    private func established(_ connection: SimulatedConnection) {
        guard connection.diallerEnd == .opening, let (node, links) = diallingLinks(connection) else {
            // Nobody waits for it any more.
            return reset(connection, atDialler: false)
        }
        connection.diallerEnd = .open
        mix(UInt64(connection.acceptor) << 8 | 12)
        handle(.connected(connection.link), node, links)
    }

    private func failed(_ connection: SimulatedConnection) {
        if connection.acceptorEnd == .opening { connection.acceptorEnd = .closed }
        defer { releaseIfOver(connection) }
        guard connection.diallerEnd == .opening else { return }
        connection.diallerEnd = .closed
        guard let (node, links) = diallingLinks(connection) else { return }
        mix(UInt64(connection.acceptor) << 8 | 13)
        handle(.failed(connection.link), node, links)
    }

    /// The links that a connection belongs to, where they still have it.
    private func diallingLinks(_ connection: SimulatedConnection) -> (SimulatedNode, SimulatedLinks)? {
        let node = nodes[connection.dialler]
        guard node.isUp, connection.shard < node.links.count else { return nil }
        let links = node.links[connection.shard]
        return links.connection(connection.link) === connection ? (node, links) : nil
    }

    // MARK: Carrying bytes

    func write(_ bytes: consuming ByteBuffer, on connection: SimulatedConnection, isForward: Bool) {
        if isForward {
            connection.forward.write(bytes, at: present, network: &model, using: &random)
        } else {
            connection.backward.write(bytes, at: present, network: &model, using: &random)
        }
        goOn(connection, isForward: isForward)
    }

    /// Plans the next step of a stream, and sees to what the last one brought.
    private func goOn(_ connection: SimulatedConnection, isForward: Bool) {
        if isForward {
            if connection.forward.isBroken { return breakApart(connection) }
            let written = connection.forward.takeWritten()
            if written > 0, let (_, links) = diallingLinks(connection) {
                links.set.written(connection.link, bytes: written)
            }
            guard !connection.isForwardPlanned, let next = connection.forward.nextStep else { return }
            connection.isForwardPlanned = true
            schedule(.forward, connection, at: next)
        } else {
            if connection.backward.isBroken { return breakApart(connection) }
            guard !connection.isBackwardPlanned, let next = connection.backward.nextStep else { return }
            connection.isBackwardPlanned = true
            schedule(.backward, connection, at: next)
        }
    }

    private func step(_ connection: SimulatedConnection, isForward: Bool) {
        let receiver = nodes[isForward ? connection.acceptor : connection.dialler]
        let end = isForward ? connection.acceptorEnd : connection.diallerEnd
        if end != .open, !receiver.isPoweredOff, isReadable(connection, isForward: isForward) {
            return answerWithReset(connection, isForward: isForward)
        }
        let came: SimulatedStream.Step
        if isForward {
            came = connection.forward.step(
                at: present, isReachable: !receiver.isPoweredOff, network: &model, using: &random)
        } else {
            came = connection.backward.step(
                at: present, isReachable: !receiver.isPoweredOff, network: &model, using: &random)
        }
        goOn(connection, isForward: isForward)
        switch came {
        case .nothing: break
        case .gaveUp: isForward ? endDialler(connection) : endAcceptor(connection)
        case .read(let bytes, let isEnd):
            mix(XXHash.xxh3(bytes, seed: UInt64(bitPattern: time.nanoseconds)))
            if bytes.readableBytes > 0 { isForward ? readAccepted(bytes, connection) : readDialled(bytes, connection) }
            if isEnd { isForward ? endAcceptor(connection) : endDialler(connection) }
        }
    }

    private func readDialled(_ bytes: ByteBuffer, _ connection: SimulatedConnection) {
        guard connection.diallerEnd == .open, let (node, links) = diallingLinks(connection) else { return }
        handle(.received(connection.link, bytes), node, links)
    }

    private func readAccepted(_ bytes: ByteBuffer, _ connection: SimulatedConnection) {
        let node = nodes[connection.acceptor]
        connection.accepted?.receive(bytes, now: now(at: node).monotonic)
        while node.isUp, let step = connection.accepted?.next() { take(step, connection, node) }
    }

    private func take(_ step: consuming AcceptedLink.Step, _ connection: SimulatedConnection, _ node: SimulatedNode) {
        switch consume step {
        case .message(let shard, let message, _):
            guard let peer = connection.accepted?.peer else { return }
            if isTraced { trace?(.delivered(from: peer, to: node.node, message)) }
            run(node, shard: shard, .message(from: peer, message))
        case .membership(let message):
            if let peer = connection.accepted?.peer { run(node, .message(from: peer, message)) }
        case .welcome(let hello, let reply):
            write(reply, on: connection, isForward: false)
            // One outside the view is dialled back so that it can be answered.
            if hello.shard == 0, let links = node.links.first {
                handle(.reach(hello.node, hello.peerEndpoint), node, links)
            }
        case .refuse(_, let reply):
            write(reply, on: connection, isForward: false)
            closeAcceptor(connection)
        case .malformed: closeAcceptor(connection)
        }
    }

    // MARK: Ending

    /// The dialling node closes its end: the other learns of it after what was sent before.
    func closeDialler(_ connection: SimulatedConnection) {
        let wasOpen = connection.diallerEnd == .open
        connection.diallerEnd = .closed
        connection.backward.lose()
        if wasOpen, connection.acceptorEnd == .open {
            connection.forward.end(at: present, network: &model, using: &random)
            goOn(connection, isForward: true)
        }
        releaseIfOver(connection)
    }

    func closeAcceptor(_ connection: SimulatedConnection) {
        leaveAcceptor(connection)
        if connection.diallerEnd != .closed {
            connection.backward.end(at: present, network: &model, using: &random)
            goOn(connection, isForward: false)
        }
        releaseIfOver(connection)
    }

    private func leaveAcceptor(_ connection: SimulatedConnection) {
        connection.acceptorEnd = .closed
        connection.accepted = nil
        connection.forward.lose()
        nodes[connection.acceptor].accepted.removeAll { $0 === connection }
    }

    /// The dialling end learns that the connection has ended.
    private func endDialler(_ connection: SimulatedConnection) {
        guard connection.diallerEnd == .open else { return }
        connection.diallerEnd = .closed
        connection.forward.lose()
        connection.backward.lose()
        releaseIfOver(connection)
        if let (node, links) = diallingLinks(connection) { handle(.ended(connection.link), node, links) }
    }

    private func endAcceptor(_ connection: SimulatedConnection) {
        guard connection.acceptorEnd == .open else { return }
        connection.backward.lose()
        leaveAcceptor(connection)
        releaseIfOver(connection)
    }

    private func releaseIfOver(_ connection: SimulatedConnection) {
        if connection.isOver { table.remove(connection) }
    }

    /// A packet that ends the connection at one end, where it gets through. Nobody sends it again.
    private func reset(_ connection: SimulatedConnection, atDialler: Bool) {
        let (from, to) =
            atDialler ? (connection.acceptor, connection.dialler) : (connection.dialler, connection.acceptor)
        guard !model.isCut(from: from, to: to) else { return }
        model.counters.resets += 1
        let delay = model.packetTime(from: from, to: to, using: &random)
        schedule(atDialler ? .resetAtDialler : .resetAtAcceptor, connection, at: present.advanced(by: delay))
    }

    /// What arrives at an end that is closed is answered with a reset; where that cannot pass, it comes again later.
    private func answerWithReset(_ connection: SimulatedConnection, isForward: Bool) {
        reset(connection, atDialler: isForward)
        if isForward {
            connection.forward.stall(at: present)
        } else {
            connection.backward.stall(at: present)
        }
        goOn(connection, isForward: isForward)
    }

    /// The network breaks a connection: what is in flight is lost, both ways, and both ends are told.
    private func breakApart(_ connection: SimulatedConnection) {
        connection.forward.lose()
        connection.backward.lose()
        model.counters.resets += 1
        let delay = model.packetTime(from: connection.dialler, to: connection.acceptor, using: &random)
        schedule(.resetAtDialler, connection, at: present.advanced(by: delay))
        schedule(.resetAtAcceptor, connection, at: present.advanced(by: delay))
    }

    /// A node has died, and with it its ends of all connections.
    /// - Parameter isSilent: the machine lost its power: the others hear nothing. Otherwise its kernel says so, after what
    ///   was sent before or instead of it.
    func loseConnections(of node: SimulatedNode, isSilent: Bool) {
        guard transport == .tcp else { return }
        for case let connection? in table.connections
        where connection.dialler == node.index || connection.acceptor == node.index {
            if connection.dialler == node.index, connection.diallerEnd != .closed {
                lose(connection, isDialler: true, isSilent: isSilent)
            }
            if connection.acceptor == node.index, connection.acceptorEnd == .open {
                lose(connection, isDialler: false, isSilent: isSilent)
            }
        }
        node.accepted = []
        node.links = []
    }

    private func lose(_ connection: SimulatedConnection, isDialler: Bool, isSilent: Bool) {
        if isSilent {
            if isDialler {
                connection.diallerEnd = .closed
                connection.forward.abandon()
            } else {
                connection.acceptorEnd = .closed
                connection.accepted = nil
                connection.backward.abandon()
            }
            releaseIfOver(connection)
        } else if random.below(2) == 0 {
            isDialler ? closeDialler(connection) : closeAcceptor(connection)
        } else {
            if isDialler { connection.diallerEnd = .closed } else { leaveAcceptor(connection) }
            connection.forward.lose()
            connection.backward.lose()
            if connection.isOver { releaseIfOver(connection) } else { reset(connection, atDialler: !isDialler) }
        }
    }
}
