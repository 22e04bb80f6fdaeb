internal import NIOCore
internal import NodeCore
internal import Replication
internal import StatorCore

/// What happens in a simulation at a point of virtual time. Nodes are named by their index.
enum SimulatedEvent {
    case nothing
    /// A message as it was on the wire arrives.
    case message(from: Int32, to: Int32, destination: UInt8, ByteBuffer)
    /// Something happens to a connection, by its place and number.
    case connection(Int32, serial: UInt32, ConnectionStep)
    /// A node looks after its links.
    case linkTick(Int32, life: Int32)
    case redial(Int32, shard: UInt8, LinkID, life: Int32)
    case shardTimer(Int32, shard: UInt8, ShardTimer, TimerPlace)
    case membershipTimer(Int32, MembershipMachineTimer, TimerPlace)
    case storage(Int32, shard: UInt8, StorageTicket, StorageResult, life: Int32)
    /// A storage thread is done with what it had taken.
    case storesCarriedOut(Int32, shard: UInt8, life: Int32)
    /// A sync round ends.
    case syncRan(Int32, shard: UInt8, life: Int32)
    /// Durability `interval`: what was written is to be synced.
    case syncDue(Int32, shard: UInt8, life: Int32)
    /// Engines are given a slice of background work.
    case maintenance(Int32, shard: UInt8, life: Int32)
    /// A node that stops looks whether something is under way.
    case stopPoll(Int32, life: Int32)
    /// A shard has recovered: its data folder is told.
    case recovered(Int32, shard: UInt8, life: Int32)
    indirect case viewPersisted(Int32, View, life: Int32)
    indirect case leasePersisted(Int32, DotLease, life: Int32)
    indirect case witnessPersisted(Int32, WitnessBook, life: Int32)
    /// That the folder is an older copy is noted in it.
    case restoredNoted(Int32, life: Int32)
    /// That records may have forgotten dots is noted in the folder.
    case forgottenNoted(Int32, shard: UInt8, life: Int32)
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
