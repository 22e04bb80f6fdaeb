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
    /// A shard has issued dots up to this counter, and needs a longer lease.
    case dotsIssued(UInt64, incarnation: UInt64)
    /// The lease of ``MembershipMachineEffect/persistLease(_:)`` is in the folder (or could not be written).
    case leasePersisted(DotLease, failure: String?)
    /// The book of ``MembershipMachineEffect/persistWitness(_:)`` is durable (or could not be made so).
    case witnessPersisted(failure: String?)
}

/// What comes out of the membership machine.
package enum MembershipMachineEffect: Sendable {
    case send(to: NodeID, MembershipMessage)
    /// Fires once. Setting a timer again while it is pending replaces it.
    case setTimer(MembershipMachineTimer, after: Duration)
    /// Write the view durably, then report ``MembershipMachineEvent/viewPersisted(_:failure:)``.
    case persistView(View)
    /// Write the lease durably to the identity, then report ``MembershipMachineEvent/leasePersisted(_:failure:)``.
    case persistLease(DotLease)
    /// Write what this node witnesses durably, then report ``MembershipMachineEvent/witnessPersisted(failure:)``. One
    /// at a time.
    case persistWitness(WitnessBook)
    /// Hand it to every shard.
    case grant(DotGrant)
    /// The folder is an older copy: note durably that every shard is to recover what it owns, then tell all of them.
    case noteRestored
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
    /// Looks after proposals, locks, streaming news and leases.
    case tick
    /// A start has waited long enough for others to confirm its lease.
    case lease
}
