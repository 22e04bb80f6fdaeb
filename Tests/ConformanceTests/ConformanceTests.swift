import Composition
import ConformanceKit
import Testing

/// Every registered strategy runs its family's suite without being named here: what is added to the registry is tested.
@Suite("Conformance of every registered strategy")
struct ConformanceTests {
    static let registry = StrategyRegistry.standard
    /// Two fixed seeds; a violation prints the seed that it was found with.
    static let seeds: [UInt64] = [1, 20_261_122]

    @Test(arguments: registry.partitioners.map(\.kind), seeds)
    func partitionersKeepTheirLaws(kind: String, seed: UInt64) throws {
        let entry = try #require(Self.registry.partitioners.first { $0.kind == kind })
        try PartitionerLaws.check(entry.makeWithDefaults(), kind: kind, guarantees: entry.guarantees, seed: seed)
    }

    @Test(arguments: registry.conflictResolvers.map(\.kind), seeds)
    func conflictResolversKeepTheirLaws(kind: String, seed: UInt64) throws {
        let entry = try #require(Self.registry.conflictResolvers.first { $0.kind == kind })
        try ResolverLaws.check(entry.makeWithDefaults(), kind: kind, guarantees: entry.guarantees, seed: seed)
    }

    @Test(arguments: registry.membershipProtocols.map(\.kind), seeds)
    func membershipProtocolsKeepTheirLaws(kind: String, seed: UInt64) throws {
        let entry = try #require(Self.registry.membershipProtocols.first { $0.kind == kind })
        let factory = entry.makeWithDefaults()
        try MembershipLaws.check(kind: kind, guarantees: entry.guarantees, seed: seed) { factory.make($0) }
    }

    @Test(arguments: registry.synchronizers.map(\.kind), seeds)
    func synchronizersKeepTheirLaws(kind: String, seed: UInt64) throws {
        let entry = try #require(Self.registry.synchronizers.first { $0.kind == kind })
        let factory = entry.makeWithDefaults()
        try SyncLaws.check(kind: kind, guarantees: entry.guarantees, seed: seed) { factory.make($0) }
    }

    @Test(arguments: registry.storageEngines.map(\.kind), seeds)
    func storageEnginesKeepTheirLaws(kind: String, seed: UInt64) throws {
        let entry = try #require(Self.registry.storageEngines.first { $0.kind == kind })
        let factory = entry.makeWithDefaults()
        try StorageLaws.check(kind: kind, guarantees: entry.guarantees, seed: seed) { try factory.make($0) }
    }

    @Test func everyFamilyHasItsFirstStrategies() {
        #expect(Self.registry.partitioners.map(\.kind).sorted() == ["md5-ring", "vnode-ring", "xxhash-ring"])
        #expect(
            Self.registry.conflictResolvers.map(\.kind).sorted()
                == ["dotted-version-vector", "lww-hlc", "lww-wall", "vector-clock"])
        #expect(Self.registry.membershipProtocols.map(\.kind).sorted() == ["gossip", "static"])
        #expect(Self.registry.synchronizers.map(\.kind).sorted() == ["full-scan", "merkle"])
        #expect(Self.registry.storageEngines.map(\.kind).sorted() == ["log", "memory"])
    }
}
