internal import NIOCore
internal import Replication
internal import StatorCore

/// What happens in a simulation at a point of virtual time. Simultaneous events happen in the order of their insertion.
struct SimulatedEvent: Comparable {
    enum Kind {
        /// A frame as it was on the wire arrives.
        case frame(from: NodeID, to: NodeID, destination: UInt8, ByteBuffer)
        case shardTimer(NodeID, shard: Int, ShardTimer, TimerPlace)
        case membershipTimer(NodeID, MembershipMachineTimer, TimerPlace)
        case storage(NodeID, shard: Int, StorageTicket, StorageResult, life: Int)
        /// A group of applied writes reaches the disk.
        case sync(NodeID, shard: Int, StoreName, life: Int)
        case viewPersisted(NodeID, View, life: Int)
        /// The transport of `node` looks whether it can reach `peer`.
        case link(NodeID, peer: NodeID)
        case client(NodeID, ClientTicket, ClientRequest)
        case administer(NodeID, ClientTicket, AdminAction)
    }

    let time: Instant
    let order: UInt64
    let kind: Kind

    static func < (left: SimulatedEvent, right: SimulatedEvent) -> Bool {
        left.time != right.time ? left.time < right.time : left.order < right.order
    }

    static func == (left: SimulatedEvent, right: SimulatedEvent) -> Bool { left.order == right.order }
}

/// Tells a timer from earlier settings of it, which it replaces, and from those of an earlier life.
struct TimerPlace: Equatable {
    let life: Int
    let setting: UInt64
}
