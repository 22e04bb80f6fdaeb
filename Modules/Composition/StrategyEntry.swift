public import ConflictResolution
public import Membership
public import Partitioning
public import StatorCore
public import Storage
public import Sync

/// The five families, by their names in JSON, in the order of the documentation.
public enum StrategyFamily: String, CaseIterable, Sendable {
    case partitioner
    case conflictResolver
    case membership
    case sync
    case storage
}

/// Makes a membership strategy on the loop that keeps it.
public struct MembershipFactory: Sendable {
    public let make: @Sendable (MembershipEnvironment) -> any MembershipProtocol
}

/// Makes a sync strategy on the loop that keeps it.
public struct SynchronizerFactory: Sendable {
    public let make: @Sendable (SyncEnvironment) -> any Synchronizer
}

/// Opens a storage engine on the thread that keeps it.
public struct StorageFactory: Sendable {
    public let make: @Sendable (StorageEnvironment) throws(StorageError) -> any StorageEngine
}

public typealias PartitionerEntry = StrategyEntry<any Partitioner>
public typealias ConflictResolverEntry = StrategyEntry<any ConflictResolver>
public typealias MembershipEntry = StrategyEntry<MembershipFactory>
public typealias SynchronizerEntry = StrategyEntry<SynchronizerFactory>
public typealias StorageEntry = StrategyEntry<StorageFactory>

/// A registered strategy: what lists, documentation and conformance suites want to know of it, and how it is made.
///
/// `Product` is the strategy itself where it is a value (partitioners, resolvers), a factory where it is an object that
/// lives on one thread (membership, sync, storage).
public struct StrategyEntry<Product>: Sendable {
    /// The name that selects it in JSON.
    public let kind: String
    /// One sentence: what it is and when to choose it.
    public let summary: String
    /// The laws that it gives; it denies the family's others.
    public let guarantees: Set<Guarantee>
    /// Its settings, in their order.
    public let fields: [FieldDescription]

    /// Reads the settings from the members of a JSON object (`kind` among them) at a path.
    let configure: @Sendable ([JSONMember], String, inout ProblemList) -> ConfiguredStrategy<Product>

    /// The strategy with its default settings.
    public func makeWithDefaults() -> Product {
        var problems = ProblemList()
        return configure([], "", &problems).make()
    }

    package init<Settings: StrategySettings>(
        kind: String, summary: String, guarantees: Set<Guarantee>, settings: Settings.Type,
        make: @escaping @Sendable (Settings) -> Product
    ) {
        self.kind = kind
        self.summary = summary
        self.guarantees = guarantees
        fields = FieldDescription.all(of: settings)
        configure = { members, path, problems in
            let read = problems.settings(Settings.self, from: members, at: path, others: ["kind"])
            if read.isSound { problems.add(read.settings.problems(), under: path) }
            return ConfiguredStrategy(
                kind: kind, guarantees: guarantees, settings: read.settings.jsonMembers,
                make: { make(read.settings) })
        }
    }
}

/// A strategy with its settings read.
struct ConfiguredStrategy<Product>: Sendable {
    let kind: String
    let guarantees: Set<Guarantee>
    /// Every setting in its order, as it was read or by default.
    let settings: [JSONMember]
    /// Only to be called where no problem was found in the settings.
    let make: @Sendable () -> Product

    var json: JSONValue { .object([JSONMember("kind", .text(kind))] + settings) }
}
