package import Replication
package import StatorCore

/// How one run departs from its file and seed: for replays with less of it, and for tests that plant faults at ports.
package struct RunOptions: Sendable {
    /// The faults of the plan that are to happen; `nil` for all.
    package var keptFaults: Set<Int>?
    /// Whether the checkers look on. Off, a run only simulates.
    package var checks = true
    /// Whether the history is kept with the result.
    package var keepsHistory = false
    /// Whether speed, traffic and the rest of ``RunMeasurements`` are taken.
    package var measures = false
    /// Changes a node's blueprint before it is used: wrappers around storage, sync, membership or the resolver.
    package var blueprint: (@Sendable (inout NodeBlueprint) -> Void)?
    /// Stands between the machines and the network: may change or swallow a message. Made anew for each run.
    package var interpose: (@Sendable () -> (NodeID, NodeID, ShardMessage) -> ShardMessage?)?
    /// The same for messages between membership machines.
    package var membershipInterpose: (@Sendable (NodeID, NodeID, MembershipMessage) -> MembershipMessage?)?
    /// Stands between a node and what it remembers of itself.
    package var identity: (@Sendable (NodeID, NodeIdentity, NodeIdentity?) -> NodeIdentity)?

    package init() {}
}
