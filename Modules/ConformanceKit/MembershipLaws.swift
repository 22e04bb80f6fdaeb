public import Membership
public import StatorCore

/// What every membership strategy must do, and a counter-example for every guarantee that it denies.
public enum MembershipLaws {
    /// Checks a strategy in a small simulated network.
    ///
    /// Always: no failure changes a view and only chosen views are learned; hostile bytes neither trap nor change
    /// anything; messages stay within ``MembershipLimits/maximumMessage`` for 4,096 members; traffic per node is bounded
    /// as the cluster grows; reports agree with effects; the same seed gives the same effects. Given or denied: see
    /// ``MembershipGuarantees``.
    ///
    /// Takes seconds: some scenarios run 400 members.
    /// - Parameters:
    ///   - kind: the strategy's kind, for the message.
    ///   - seed: of every random choice, so a violation can be seen again.
    ///   - make: a fresh strategy for that environment; called for every node and every restart.
    /// - Throws: ``LawViolation`` for the first law broken.
    public static func check(
        kind: String, guarantees: Set<Guarantee>, seed: UInt64, bounds: MembershipLawBounds = MembershipLawBounds(),
        make: (MembershipEnvironment) -> any MembershipProtocol
    ) throws {
        try withoutActuallyEscaping(make) { make in
            let scenarios = MembershipLawScenarios(kind: kind, seed: seed, bounds: bounds, make: make)
            try scenarios.checkDeterminism()
            try scenarios.checkHostileBytes()
            try scenarios.checkStrangers()
            try scenarios.checkMessageSize()
            try scenarios.checkTraffic()
            try scenarios.checkThatFailuresChangeNoView()
            let laws: [(Guarantee, () throws -> Void)] = [
                (MembershipGuarantees.convergesViews, scenarios.checkConvergence),
                (MembershipGuarantees.detectsFailures, scenarios.checkDetection),
                (MembershipGuarantees.forgivesSlowness, scenarios.checkForgiveness),
                (MembershipGuarantees.acceptsChanges, scenarios.checkChanges),
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
