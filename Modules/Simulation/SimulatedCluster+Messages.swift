internal import Hashing
internal import NIOCore
internal import Replication
internal import StatorCore
internal import Wire

/// Messages on their way: every one is encoded, travels by the network model, and is decoded.
extension SimulatedCluster {
    func send(_ message: ShardMessage, from node: SimulatedNode, shard: Int, to peer: NodeID) {
        guard let receiver = index(of: peer) else { return }
        if isInterposed, let interpose {
            guard let changed = interpose(node.node, peer, message) else { return }
            pass(changed, from: node, shard: shard, to: peer, receiver)
        } else {
            pass(message, from: node, shard: shard, to: peer, receiver)
        }
    }

    private func pass(
        _ message: ShardMessage, from node: SimulatedNode, shard: Int, to peer: NodeID, _ receiver: Int
    ) {
        if watchesMessages { watcher?.sends(message, from: node.index, to: receiver) }
        guard transport == .tcp else { return transmit(message, from: node, shard: shard, to: peer, receiver) }
        model.counters.sent += 1
        let size = stage(message, from: node, shard: shard, to: peer)
        counted.count(message.accounted.purpose, bytes: size ?? 0)
        if isTraced {
            trace?(.sent(from: node.node, to: peer, message, fate: fate(size, from: node.index, to: receiver)))
        }
    }

    /// What a trace says of a message that a link took or not.
    private func fate(_ size: Int?, from sender: Int, to receiver: Int) -> MessageFate {
        if size == nil { return .lost }
        return model.isCut(from: sender, to: receiver) ? .cut : .travels
    }

    private func transmit(
        _ message: ShardMessage, from node: SimulatedNode, shard: Int, to peer: NodeID, _ receiver: Int
    ) {
        var bytes = ByteBuffer()
        ShardMessageCodec.encode(message, into: &bytes)
        let (purpose, isForward) = message.accounted
        counted.count(purpose, bytes: bytes.readableBytes)
        let fate = transmit(bytes, UInt8(shard), from: node.index, to: receiver, isForward: isForward)
        if isTraced { trace?(.sent(from: node.node, to: peer, message, fate: fate)) }
    }

    func send(_ message: MembershipMessage, from node: SimulatedNode, to peer: NodeID) {
        guard let receiver = index(of: peer) else { return }
        var message = message
        if let membershipInterpose {
            guard let changed = membershipInterpose(node.node, peer, message) else { return }
            message = changed
        }
        guard transport == .datagram else {
            model.counters.sent += 1
            let size = stage(message, from: node, to: peer)
            counted.count(.membership, bytes: size ?? 0)
            guard isTraced else { return }
            let fate = fate(size, from: node.index, to: receiver)
            trace?(.membershipSent(from: node.node, to: peer, message, fate: fate))
            return
        }
        var bytes = ByteBuffer()
        MembershipMessageCodec.encode(message, into: &bytes)
        counted.count(.membership, bytes: bytes.readableBytes)
        let fate = transmit(bytes, Frame.membership, from: node.index, to: receiver)
        if isTraced { trace?(.membershipSent(from: node.node, to: peer, message, fate: fate)) }
    }

    private func transmit(
        _ bytes: ByteBuffer, _ destination: UInt8, from sender: Int, to receiver: Int, isForward: Bool = false
    ) -> MessageFate {
        func message() -> SimulatedEvent {
            .message(from: Int32(sender), to: Int32(receiver), destination: destination, bytes)
        }
        let size = bytes.readableBytes + Frame.overhead
        switch model.transmit(from: sender, to: receiver, bytes: size, at: present, using: &random) {
        case .lost: return model.isCut(from: sender, to: receiver) ? .cut : .lost
        case .once(let arrival): schedule(message(), at: arrival)
        case .twice(let first, let second):
            schedule(message(), at: first)
            // A forward asks for something to be done: no transport delivers one twice.
            if !isForward { schedule(message(), at: second) }
        }
        return .travels
    }

    func deliver(
        _ bytes: ByteBuffer, _ destination: UInt8, from sender: SimulatedNode, to node: SimulatedNode
    ) {
        guard node.isUp, !model.isCut(from: sender.index, to: node.index) else { return }
        mix(XXHash.xxh3(bytes, seed: UInt64(bitPattern: time.nanoseconds)))
        var rest = bytes
        do {
            if destination == Frame.membership {
                run(node, .message(from: sender.node, try MembershipMessageCodec.decode(&rest)))
            } else {
                let message = try ShardMessageCodec.decode(&rest)
                if isTraced { trace?(.delivered(from: sender.node, to: node.node, message)) }
                run(node, shard: Int(destination), .message(from: sender.node, message))
            }
        } catch {
            preconditionFailure("a message of ours does not decode: \(error)")
        }
    }
}

/// What went over the network, by purpose: messages and bytes without framing.
package struct SimulatedTraffic: Sendable, Hashable {
    package struct Share: Sendable, Hashable {
        package var messages = 0
        package var bytes = 0

        mutating func add(_ size: Int) {
            messages += 1
            bytes += size
        }
    }

    /// Client requests and their replication, reads and repairs by reads included.
    package var foreground = Share()
    package var hints = Share()
    package var sync = Share()
    package var transfer = Share()
    package var membership = Share()

    package init() {}

    /// What came on top of an earlier state of these counters.
    package func since(_ earlier: SimulatedTraffic) -> SimulatedTraffic {
        var difference = self
        for path in SimulatedTraffic.shares {
            difference[keyPath: path].messages -= earlier[keyPath: path].messages
            difference[keyPath: path].bytes -= earlier[keyPath: path].bytes
        }
        return difference
    }

    private static var shares: [WritableKeyPath<SimulatedTraffic, Share>] {
        [\.foreground, \.hints, \.sync, \.transfer, \.membership]
    }

    mutating func count(_ purpose: MessagePurpose, bytes: Int) {
        switch purpose {
        case .foreground: foreground.add(bytes)
        case .hints: hints.add(bytes)
        case .sync: sync.add(bytes)
        case .transfer: transfer.add(bytes)
        case .membership: membership.add(bytes)
        }
    }
}

/// What a message is for, as traffic is counted.
enum MessagePurpose {
    case foreground, hints, sync, transfer, membership
}

extension ShardMessage {
    /// What it counts as, and whether it asks another node to coordinate.
    fileprivate var accounted: (purpose: MessagePurpose, isForward: Bool) {
        switch self {
        case .forward: (.foreground, true)
        case .forwardReply, .read, .readReply, .writeReply, .explain, .explainReply: (.foreground, false)
        case .write(let write) where write.purpose == .handOver: (.transfer, false)
        case .write(let write):
            (write.hintFor != nil || write.purpose == .hintDelivery ? .hints : .foreground, false)
        case .sync, .syncPush, .syncMerged, .syncPull, .syncPulled, .syncRefused: (.sync, false)
        case .transfer, .transferPage, .cover, .coverReply: (.transfer, false)
        case .clock: (.membership, false)
        }
    }
}
