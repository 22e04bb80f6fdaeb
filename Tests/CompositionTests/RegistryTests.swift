import Composition
import Partitioning
import StatorCore
import Testing

@Suite struct RegistryTests {
    @Test func strategiesAreListedInTheOrderOfTheirRegistration() {
        let registry = TestStrategies.registry
        #expect(registry.partitioners.map(\.kind) == ["vnode-ring", "md5-ring"])
        #expect(registry.storageEngines.map(\.kind) == ["memory", "log"])
        #expect(registry.membershipProtocols.map(\.kind) == ["static", "gossip"])
        #expect(registry.partitioners[0].summary == "Stands in for a ring of many tokens.")
        #expect(registry.partitioners[0].guarantees == [PartitionerGuarantees.weighted])
        #expect(registry.partitioners[0].fields.map(\.name) == ["tokensPerNode", "slack", "spread"])
        #expect(registry.partitioners[0].fields.map(\.defaultValue) == [.integer(128), .number(0.25), .text("even")])
    }

    @Test func everyEntryMakesItsStrategyWithDefaults() {
        let registry = TestStrategies.registry
        #expect((registry.partitioners[0].makeWithDefaults() as? TokensPartitioner)?.settings == .init())
        #expect(registry.conflictResolvers[0].makeWithDefaults() is TestResolver)
    }

    @Test(arguments: ["a", "vnode-ring", "strategy2", "x-2-y"]) func goodKindIsTaken(kind: String) {
        #expect(isStrategyKind(kind))
    }

    @Test(arguments: [
        "", "-", "a-", "-a", "a--b", "VNode", "vnode_ring", "vnode ring", "2x", "é", String(repeating: "a", count: 65),
    ]) func badKindIsRefused(kind: String) {
        #expect(!isStrategyKind(kind))
        #expect(entry(kind).fault(beside: []) != nil)
    }

    @Test func entryThatCannotWorkIsRefused() {
        #expect(entry("a").fault(beside: ["b"]) == nil)
        #expect(entry("a").fault(beside: ["b", "a"]) == "the kind is registered already")
        #expect(entry("a", summary: "").fault(beside: []) != nil)
        #expect(entry("a", settings: KindSettings.self).fault(beside: []) == "the field name 'kind' is taken")
        #expect(
            entry("a", settings: OutOfRangeSettings.self).fault(beside: [])
                == "the default of 'count' is out of its own range: found 0, expected a whole number from 1 to 2")
    }

    @Test func defaultsThatDoNotFitTogetherAreRefused() {
        #expect(
            entry("a", settings: ContradictorySettings.self).fault(beside: [])
                == "its defaults do not fit together: count: is never right")
    }

    @Test func standardStrategiesAreMadeWithDefaults() {
        let registry = StrategyRegistry.standard
        #expect(registry.partitioners.allSatisfy { type(of: $0.makeWithDefaults()).kind == $0.kind })
        #expect(registry.conflictResolvers.allSatisfy { type(of: $0.makeWithDefaults()).kind == $0.kind })
        #expect(registry.partitioners.map(\.kind).sorted() == ["md5-ring", "vnode-ring", "xxhash-ring"])
        #expect(
            registry.conflictResolvers.map(\.kind).sorted() == [
                "dotted-version-vector", "lww-hlc", "lww-wall", "vector-clock",
            ])
        #expect(registry.membershipProtocols.map(\.kind).sorted() == ["gossip", "static"])
        #expect(registry.synchronizers.map(\.kind).sorted() == ["full-scan", "merkle"])
        #expect(registry.storageEngines.map(\.kind).sorted() == ["log", "memory"])
    }

    @Test func duplicateKindStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            var registry = StrategyRegistry()
            registry.add(PlainPartitioner.self)
            registry.add(PlainPartitioner.self)
        }
    }

    private func entry(_ kind: String, summary: String = "A test.") -> StrategyEntry<Int> {
        StrategyEntry(kind: kind, summary: summary, guarantees: [], settings: NoSettings.self) { _ in 0 }
    }

    private func entry<S: StrategySettings>(_ kind: String, settings: S.Type) -> StrategyEntry<Int> {
        StrategyEntry(kind: kind, summary: "A test.", guarantees: [], settings: settings) { _ in 0 }
    }

    private struct KindSettings: StrategySettings {
        var kind = 1
        static var fields: [SettingField<KindSettings>] { [.integer("kind", \.kind, 1...2, "not allowed")] }
    }

    private struct ContradictorySettings: StrategySettings {
        var count = 1
        static var fields: [SettingField<ContradictorySettings>] { [.integer("count", \.count, 1...2, "a count")] }
        func problems() -> [SettingProblem] { [SettingProblem(field: "count", message: "is never right")] }
    }

    private struct OutOfRangeSettings: StrategySettings {
        var count = 0
        static var fields: [SettingField<OutOfRangeSettings>] { [.integer("count", \.count, 1...2, "a count")] }
    }
}
