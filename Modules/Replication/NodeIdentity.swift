/// What a node remembers of itself across restarts, durable in its data folder before anything else happens.
package struct NodeIdentity: Hashable, Sendable {
    /// Issues dots: new and random after an unclean stop, a restore or a lost folder.
    package var incarnation: UInt64
    /// Dots already issued by each shard in this incarnation; the next start goes on above them. Only a clean stop
    /// leaves them, so an unclean one takes a new incarnation with zeros.
    package var dotsIssued: [UInt64]
    /// Rises with every start.
    package var generation: UInt64
    /// The shards that are still to recover owned ranges after their folder was found empty or foreign.
    package var isRecovering: [Bool]

    package init(incarnation: UInt64, dotsIssued: [UInt64], generation: UInt64, isRecovering: [Bool]) {
        self.incarnation = incarnation
        self.dotsIssued = dotsIssued
        self.generation = generation
        self.isRecovering = isRecovering
    }
}
