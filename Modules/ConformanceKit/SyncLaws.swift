public import StatorCore
public import Sync

/// What every sync strategy must do, and a counter-example for every guarantee that it denies.
public enum SyncLaws {
    /// Checks a strategy between two simulated replicas whose records are numbers that merge to the larger one.
    ///
    /// Always: a session over any range leaves both replicas equal there and untouched elsewhere, sends at most two
    /// records a difference and finishes once at each end; replicas end equal after writes that went on during sessions
    /// of both; lost and repeated messages leave later sessions able to finish; hostile bytes neither trap nor ask for
    /// more than the limits; an index kept current answers as one rebuilt; the same seed gives the same effects. Given
    /// or denied: see ``SyncGuarantees``, at the scale of 20,000 keys and the settings that `make` uses.
    ///
    /// Takes seconds.
    /// - Parameters:
    ///   - kind: the strategy's kind, for the message.
    ///   - seed: of every random choice, so a violation can be seen again.
    ///   - make: a fresh strategy for that environment, with an empty index.
    /// - Throws: ``LawViolation`` for the first law broken.
    public static func check(
        kind: String, guarantees: Set<Guarantee>, seed: UInt64, make: (SyncEnvironment) -> any Synchronizer
    ) throws {
        try withoutActuallyEscaping(make) { make in
            let scenarios = SyncLawScenarios(kind: kind, seed: seed, make: make)
            try scenarios.checkSessionsEqualise()
            try scenarios.checkWritesMeanwhile()
            try scenarios.checkFaults()
            try scenarios.checkHostileBytes()
            try scenarios.checkIndexEqualsRebuild()
            try scenarios.checkDeterminism()
            let laws: [(Guarantee, () throws -> Void)] = [
                (SyncGuarantees.proportionalCost, scenarios.checkProportionalCost),
                (SyncGuarantees.quietWhenEqual, scenarios.checkQuiet),
            ]
            for (guarantee, law) in laws {
                if guarantees.contains(guarantee) {
                    try law()
                } else {
                    try scenarios.expectCounterExample(to: guarantee, law)
                }
            }
        }
    }
}
