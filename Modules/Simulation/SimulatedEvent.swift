internal import NIOCore
internal import Replication
internal import StatorCore

/// What happens in a simulation at a point of virtual time. Nodes are named by their index.
enum SimulatedEvent {
    case nothing
    /// A message as it was on the wire arrives.
    case message(from: Int32, to: Int32, destination: UInt8, ByteBuffer)
    case shardTimer(Int32, shard: UInt8, ShardTimer, TimerPlace)
    case membershipTimer(Int32, MembershipMachineTimer, TimerPlace)
    case storage(Int32, shard: UInt8, StorageTicket, StorageResult, life: Int32)
    /// A group of applied writes reaches the disk.
    case sync(Int32, shard: UInt8, StoreName, life: Int32)
    indirect case viewPersisted(Int32, View, life: Int32)
    /// The transport of a node looks whether it can reach another.
    case link(Int32, peer: Int32)
    /// All nodes look for this one.
    case linksTo(Int32)
    /// This node and each other look for one another.
    case linksAround(Int32)
    /// All nodes look for all others.
    case allLinks
    indirect case client(Int32, ClientTicket, ClientRequest)
    case administer(Int32, ClientTicket, AdminAction)
    /// Whoever drives the simulation asked to be woken.
    case wake(UInt64)
}

/// Tells a timer from earlier settings of it, which it replaces, and from those of an earlier life.
struct TimerPlace: Equatable {
    let life: Int32
    let setting: UInt32
}
