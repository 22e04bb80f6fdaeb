public import ConflictResolution
public import Membership
public import Partitioning
import StatorCore
public import Storage
public import Sync

/// The strategies that a node's configuration can select.
///
/// There is no self-registration: what an app offers is what it adds, one line a strategy. An app of your own starts
/// from ours:
///
/// ```swift
/// var registry = StrategyRegistry.standard
/// registry.add(MyPartitioner.self)
/// ```
///
/// From then on `"partitioner": {"kind": "my-partitioner", …}` is decoded strictly by the fields of
/// `MyPartitioner.Settings`, listed by `--check`, in the JSON schema and in error messages, and the conformance suites
/// find it in the lists below.
public struct StrategyRegistry: Sendable {
    /// The registered strategies of each family, in the order in which they were added.
    public private(set) var partitioners: [PartitionerEntry] = []
    public private(set) var conflictResolvers: [ConflictResolverEntry] = []
    public private(set) var membershipProtocols: [MembershipEntry] = []
    public private(set) var synchronizers: [SynchronizerEntry] = []
    public private(set) var storageEngines: [StorageEntry] = []

    /// A registry with nothing in it; most apps want ``standard``.
    public init() {}

    /// Adds a partitioner.
    /// - Precondition: its kind is lower case words and digits joined by hyphens and new to its family; its fields
    ///   have distinct names, none of them `kind`, and defaults within their ranges that fit together.
    public mutating func add<P: Partitioner>(_ type: P.Type) {
        partitioners.add(
            StrategyEntry(kind: P.kind, summary: P.summary, guarantees: P.guarantees, settings: P.Settings.self) {
                P(settings: $0)
            })
    }

    /// Adds a conflict resolver. The precondition is that of partitioners.
    public mutating func add<R: ConflictResolver>(_ type: R.Type) {
        conflictResolvers.add(
            StrategyEntry(kind: R.kind, summary: R.summary, guarantees: R.guarantees, settings: R.Settings.self) {
                R(settings: $0)
            })
    }

    /// Adds a membership strategy. The precondition is that of partitioners.
    public mutating func add<M: MembershipProtocol & SendableMetatype>(_ type: M.Type) {
        membershipProtocols.add(
            StrategyEntry(kind: M.kind, summary: M.summary, guarantees: M.guarantees, settings: M.Settings.self) {
                settings in
                MembershipFactory { M(settings: settings, environment: $0) }
            })
    }

    /// Adds a sync strategy. The precondition is that of partitioners.
    public mutating func add<S: Synchronizer & SendableMetatype>(_ type: S.Type) {
        synchronizers.add(
            StrategyEntry(kind: S.kind, summary: S.summary, guarantees: S.guarantees, settings: S.Settings.self) {
                settings in
                SynchronizerFactory { S(settings: settings, environment: $0) }
            })
    }

    /// Adds a storage engine. The precondition is that of partitioners.
    public mutating func add<E: StorageEngine & SendableMetatype>(_ type: E.Type) {
        storageEngines.add(
            StrategyEntry(kind: E.kind, summary: E.summary, guarantees: E.guarantees, settings: E.Settings.self) {
                settings in
                StorageFactory { (environment) throws(StorageError) in
                    try E(settings: settings, environment: environment)
                }
            })
    }
}

extension Array {
    fileprivate mutating func add<Product>(_ entry: Element) where Element == StrategyEntry<Product> {
        if let fault = entry.fault(beside: map(\.kind)) {
            preconditionFailure("\(Product.self) '\(entry.kind)': \(fault)")
        }
        append(entry)
    }
}

extension StrategyEntry {
    /// Why this entry cannot be registered next to the kinds already there; `nil` where it can.
    package func fault(beside kinds: [String]) -> String? {
        if !isStrategyKind(kind) {
            return "a kind is lower case words and digits joined by hyphens, 64 characters at most"
        }
        if kinds.contains(kind) { return "the kind is registered already" }
        if summary.isEmpty || summary.contains("\n") { return "the summary is one sentence on one line" }
        var names: Set<String> = ["kind"]
        for field in fields {
            if !names.insert(field.name).inserted { return "the field name '\(field.name)' is taken" }
            do throws(FieldRefusal) {
                _ = try field.type.value(of: field.defaultValue.json)
            } catch {
                return "the default of '\(field.name)' is out of its own range: \(error.message)"
            }
        }
        var problems = ProblemList()
        _ = configure([], "", &problems)
        return problems.problems.first.map { "its defaults do not fit together: \($0)" }
    }
}

/// Whether `kind` is made of words of `a-z 0-9`, joined by single hyphens and starting with a letter.
package func isStrategyKind(_ kind: String) -> Bool {
    guard kind.utf8.count <= 64, let first = kind.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return kind.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).allSatisfy { word in
        !word.isEmpty && word.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }
}
