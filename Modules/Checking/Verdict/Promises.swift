/// What a configuration promises under the faults that a run injects. Each checker reads its own; what is not promised
/// is measured.
package struct Promises: Hashable, Sendable {
    /// No acknowledged write is lost that more disks acknowledged than forget: a causal resolver; see
    /// ``forgettingDisks``.
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
    /// Reads whose quorum meets that of the client's write reflect it; see ``replicas``.
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
    /// Of two conditional writes on one version at one coordinator, one after the other, at most one succeeds.
    package var conditionsInOrder = false
    /// So it is of two at the same time, where no fallback may coordinate either.
    package var conditionsAtOnce = false
    /// How many disks may forget what they confirmed. A write is promised to stay where more acknowledged it, or where
    /// the history does not say how many did.
    package var forgettingDisks = 0
    /// N. Quorums meet where R + W is more, and both are of owners only; also where the history does not say.
    package var replicas = 0

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
