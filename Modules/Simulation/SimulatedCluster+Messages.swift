internal import Hashing
internal import NIOCore
internal import Replication
internal import StatorCore
internal import Wire

/// Messages on their way: every one is encoded, travels by the network model, and is decoded.
extension SimulatedCluster {
    func send(_ message: ShardMessage, from node: SimulatedNode, shard: Int, to peer: NodeID) {
        guard let receiver = index(of: peer) else { return }
        var sent = message
        if let interpose {
            guard let changed = interpose(node.node, peer, message) else { return }
            sent = changed
        }
        var bytes = ByteBuffer()
        ShardMessageCodec.encode(sent, into: &bytes)
        counted.count(sent, bytes: bytes.readableBytes)
        var isForward = false
        if case .forward = sent { isForward = true }
        let fate = transmit(bytes, UInt8(shard), from: node.index, to: receiver, isForward: isForward)
        trace?(.sent(from: node.node, to: peer, sent, fate: fate))
    }

    func send(_ message: MembershipMessage, from node: SimulatedNode, to peer: NodeID) {
        guard let receiver = index(of: peer) else { return }
        var bytes = ByteBuffer()
        MembershipMessageCodec.encode(message, into: &bytes)
        counted.count(membershipBytes: bytes.readableBytes)
        let fate = transmit(bytes, Frame.membership, from: node.index, to: receiver)
        trace?(.membershipSent(from: node.node, to: peer, message, fate: fate))
    }

    private func transmit(
        _ bytes: ByteBuffer, _ destination: UInt8, from sender: Int, to receiver: Int, isForward: Bool = false
    ) -> MessageFate {
        let event = SimulatedEvent.message(from: Int32(sender), to: Int32(receiver), destination: destination, bytes)
        let size = bytes.readableBytes + Frame.overhead
        switch network.transmit(from: sender, to: receiver, bytes: size, at: time, using: &random) {
        case .lost: return network.isCut(from: sender, to: receiver) ? .cut : .lost
        case .once(let arrival): schedule(event, at: arrival)
        case .twice(let first, let second):
            schedule(event, at: first)
            // A forward asks for something to be done: no transport delivers one twice.
            if !isForward { schedule(event, at: second) }
        }
        return .travels
    }

    func deliver(
        _ bytes: ByteBuffer, _ destination: UInt8, from sender: SimulatedNode, to node: SimulatedNode,
        _ event: SimulatedEvent
    ) {
        guard node.isUp, !network.isCut(from: sender.index, to: node.index) else { return }
        if node.isPaused {
            node.held.append(event)
            return
        }
        mix(XXHash.xxh3(bytes, seed: UInt64(bitPattern: time.nanoseconds)))
        var rest = bytes
        do {
            if destination == Frame.membership {
                run(node, .message(from: sender.node, try MembershipMessageCodec.decode(&rest)))
            } else {
                let message = try ShardMessageCodec.decode(&rest)
                trace?(.delivered(from: sender.node, to: node.node, message))
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
    }

    /// Client requests and their replication, reads and repairs by reads included.
    package var foreground = Share()
    package var hints = Share()
    package var sync = Share()
    package var transfer = Share()
    package var membership = Share()

    package init() {}

    mutating func count(membershipBytes bytes: Int) {
        membership.messages += 1
        membership.bytes += bytes
    }

    mutating func count(_ message: ShardMessage, bytes: Int) {
        switch message {
        case .forward, .forwardReply, .read, .readReply, .writeReply, .explain, .explainReply:
            foreground.messages += 1
            foreground.bytes += bytes
        case .write(let write):
            if write.hintFor != nil || write.purpose == .hintDelivery {
                hints.messages += 1
                hints.bytes += bytes
            } else {
                foreground.messages += 1
                foreground.bytes += bytes
            }
        case .sync, .syncPush, .syncMerged, .syncPull, .syncPulled, .syncRefused:
            sync.messages += 1
            sync.bytes += bytes
        case .transfer, .transferPage:
            transfer.messages += 1
            transfer.bytes += bytes
        }
    }
}
