import ConflictResolution
import ConformanceKit
import StatorCore
import Testing

@Suite struct ResolverLawsTests {
    static let seeds: [UInt64] = [1, 2, 3]

    @Test(arguments: seeds) func dottedVersionVectorKeepsItsGuarantees(seed: UInt64) throws {
        try check(DottedVersionVectorResolver(settings: NoSettings()), seed: seed)
    }

    @Test(arguments: seeds) func vectorClockKeepsItsGuarantees(seed: UInt64) throws {
        try check(VectorClockResolver(settings: VectorClockSettings()), seed: seed)
    }

    @Test(arguments: seeds) func hybridClockKeepsItsGuarantees(seed: UInt64) throws {
        try check(LastWriterWinsHLCResolver(settings: ClockSettings()), seed: seed)
    }

    @Test(arguments: seeds) func wallClockKeepsItsGuarantees(seed: UInt64) throws {
        try check(LastWriterWinsWallResolver(settings: ClockSettings()), seed: seed)
    }

    /// With room for every actor, what truncation takes comes back; what conflation takes does not.
    @Test(arguments: seeds) func vectorClockWithoutTruncationIsOnlyFalselyDominant(seed: UInt64) throws {
        try ResolverLaws.check(
            VectorClockResolver(settings: VectorClockSettings(maximumEntries: 1000)), kind: "vector-clock, untruncated",
            guarantees: [
                ResolverGuarantees.noFalseConcurrency, ResolverGuarantees.contextWins,
                ResolverGuarantees.clockIndependent,
            ], seed: seed)
    }

    private func check<Resolver: ConflictResolver>(_ resolver: Resolver, seed: UInt64) throws {
        try ResolverLaws.check(resolver, kind: Resolver.kind, guarantees: Resolver.guarantees, seed: seed)
    }
}
