package import Membership
package import StatorCore

/// What goes into the membership machine.
package enum MembershipMachineEvent: Sendable {
    case started
    case message(from: NodeID, MembershipMessage)
    case timer(MembershipMachineTimer)
    case linkChanged(NodeID, isUp: Bool)
    /// The view of ``MembershipMachineEffect/persistView(_:)`` is durable (or could not be made so).
    case viewPersisted(Epoch, failure: String?)
    /// A shard has all that it gains after this epoch.
    case rangesStreamed(shard: Int, Epoch)
    case administer(ClientTicket, AdminAction)
}

/// What comes out of the membership machine.
package enum MembershipMachineEffect: Sendable {
    case send(to: NodeID, MembershipMessage)
    /// Fires once. Setting a timer again while it is pending replaces it.
    case setTimer(MembershipMachineTimer, after: Duration)
    /// Write the view durably, then report ``MembershipMachineEvent/viewPersisted(_:failure:)``.
    case persistView(View)
    /// Hand the new state to every shard; its members' addresses are the ones to dial from now on.
    case publish(ClusterState)
    case livenessChanged(NodeID, Liveness)
    /// Keep a link to a node that is not (yet) in the view.
    case dial(NodeID, Endpoint)
    case respond(ClientTicket, AdminResponse)
    case log(ShardLogEntry)
}

package enum MembershipMachineTimer: Hashable, Sendable {
    case strategy(MembershipTimer)
    /// Looks after proposals, locks and streaming news.
    case tick
}
