package import Replication
package import StatorCore

/// Watches a simulated cluster and drives it: sees answers and storage, and is woken when it asked to be.
///
/// Called between two inputs to machines, on the simulation's thread. It may submit requests, schedule wakes and make
/// faults, but never runs the cluster.
package protocol SimulationObserver: AnyObject {
    func answered(_ ticket: ClientTicket, _ response: ClientResponse)
    func administered(_ ticket: ClientTicket, _ response: AdminResponse)
    func woken(_ number: UInt64)
    /// A batch was given to an engine; it will be acknowledged (or not) under this ticket.
    func submitted(_ write: StorageWriteNotice)
    /// An apply was acknowledged to the machine: it has reached its durability.
    func acknowledged(_ ticket: StorageTicket, node: Int, shard: Int, store: StoreName, succeeded: Bool)
    /// A node's machines are made anew and its engines are open; nothing has been handled yet.
    func restarted(node: Int)
    /// Whether ``submitted(_:)`` and ``acknowledged(_:node:shard:store:succeeded:)`` are to be called.
    var watchesStorage: Bool { get }
    /// A node took a state of the cluster as its own.
    func adopted(_ state: ClusterState, node: Int)
    /// A node changed its mind on whether a peer answers.
    func judged(_ peer: Int, dead isDead: Bool, by node: Int)
    /// A shard of a node sends this, after whatever stands between machines and network has had its way.
    func sends(_ message: ShardMessage, from node: Int, to peer: Int)
    /// Whether ``sends(_:from:to:)`` is to be called.
    var watchesMessages: Bool { get }
    /// A node's disk was replaced by an empty one.
    func wiped(node: Int)
    /// A node that was told to stop in order is down now.
    func stopped(node: Int)
    /// A node that was paused goes on: it now handles what came in meanwhile.
    func resumed(node: Int)
}

extension SimulationObserver {
    package func answered(_ ticket: ClientTicket, _ response: ClientResponse) {}
    package func administered(_ ticket: ClientTicket, _ response: AdminResponse) {}
    package func woken(_ number: UInt64) {}
    package func submitted(_ write: StorageWriteNotice) {}
    package func acknowledged(
        _ ticket: StorageTicket, node: Int, shard: Int, store: StoreName, succeeded: Bool
    ) {}
    package func restarted(node: Int) {}
    package var watchesStorage: Bool { false }
    package func adopted(_ state: ClusterState, node: Int) {}
    package func judged(_ peer: Int, dead isDead: Bool, by node: Int) {}
    package func sends(_ message: ShardMessage, from node: Int, to peer: Int) {}
    package var watchesMessages: Bool { false }
    package func wiped(node: Int) {}
    package func stopped(node: Int) {}
    package func resumed(node: Int) {}
}

/// One write of a batch as it is given to an engine.
package struct StorageWriteNotice {
    package let ticket: StorageTicket
    package let node: Int
    package let shard: Int
    package let store: StoreName
    package let token: Token
    package let key: Key
    /// What the key holds from now on; `nil` where it is removed.
    package let record: StoredRecord?
}

/// What a trace shows: one step of the story, with the nodes by name.
package enum TraceStep {
    case sent(from: NodeID, to: NodeID, ShardMessage, fate: MessageFate)
    case membershipSent(from: NodeID, to: NodeID, MembershipMessage, fate: MessageFate)
    case delivered(from: NodeID, to: NodeID, ShardMessage)
    case applied(NodeID, StoreName, StoredRecord)
    case removed(NodeID, StoreName, Token, Key)
    case note(String)
}

package enum MessageFate: Sendable {
    case travels
    case lost
    case cut
}
