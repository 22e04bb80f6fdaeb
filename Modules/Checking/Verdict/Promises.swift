/// What a configuration promises under the faults that a run injects. Each checker reads its own; what is not promised
/// is measured.
package struct Promises: Hashable, Sendable {
    /// No acknowledged write is lost: a causal resolver, and fewer than W replicas of a key wiped or corrupt at once.
    package var keepsAcknowledged: Bool
    /// A read never shows two siblings of which one saw the other.
    package var noFalseConcurrency: Bool
    /// A write with a context supersedes what that covers, whatever the clocks say.
    package var contextWins: Bool
    /// Skewed clocks never decide which version survives. It has no checker of its own: where it is broken, a run with
    /// skewed clocks loses writes.
    package var clockIndependent: Bool
    /// A read shows at most one value.
    package var singleValue: Bool
    package var readYourWrites: Bool
    package var monotonicReads: Bool
    package var monotonicWrites: Bool
    package var writesFollowReads: Bool
    /// What an acknowledged delete superseded does not come back.
    package var noResurrection: Bool
    /// Replicas become equal once the faults end.
    package var convergence: Bool
    /// What was acknowledged as durable survives a crash of its node.
    package var crashRecovery: Bool
    /// Operations are answered in bounded time once the faults end.
    package var liveness: Bool

    package init(
        keepsAcknowledged: Bool = false, noFalseConcurrency: Bool = false, contextWins: Bool = false,
        clockIndependent: Bool = false, singleValue: Bool = false, readYourWrites: Bool = false,
        monotonicReads: Bool = false, monotonicWrites: Bool = false, writesFollowReads: Bool = false,
        noResurrection: Bool = false, convergence: Bool = false, crashRecovery: Bool = false, liveness: Bool = false
    ) {
        self.keepsAcknowledged = keepsAcknowledged
        self.noFalseConcurrency = noFalseConcurrency
        self.contextWins = contextWins
        self.clockIndependent = clockIndependent
        self.singleValue = singleValue
        self.readYourWrites = readYourWrites
        self.monotonicReads = monotonicReads
        self.monotonicWrites = monotonicWrites
        self.writesFollowReads = writesFollowReads
        self.noResurrection = noResurrection
        self.convergence = convergence
        self.crashRecovery = crashRecovery
        self.liveness = liveness
    }
}
