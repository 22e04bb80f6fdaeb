import ConflictResolution
import Membership
import Partitioning
package import Replication
package import StatorCore
import Storage
import Sync

/// What one node's JSON file says, complete and checked: a value of this type can be started.
package struct NodeConfiguration: Sendable {
    package private(set) var node: NodeSettings
    package let cluster: ClusterSettings
    /// As JSON lists them.
    package let members: [MemberSettings]
    package let replication: ReplicationSettings
    package let hints: HintSettings
    package let antiEntropy: AntiEntropySettings
    package let durability: DurabilitySettings
    package let resp: RESPInterfaceSettings

    let partitioner: ConfiguredStrategy<any Partitioner>
    let conflictResolver: ConfiguredStrategy<any ConflictResolver>
    let membership: ConfiguredStrategy<MembershipFactory>
    let sync: ConfiguredStrategy<SynchronizerFactory>
    let storage: ConfiguredStrategy<StorageFactory>

    /// Reads a configuration.
    /// - Parameters:
    ///   - json: the file's bytes.
    ///   - overrides: `PATH=VALUE` texts, applied in order before anything is checked.
    ///   - registry: the strategies that may be selected.
    /// - Throws: ``ConfigurationError`` with everything that is wrong; only a text that is no JSON hides the rest.
    package static func load(
        json: [UInt8], overrides: [String] = [], registry: StrategyRegistry
    ) throws(ConfigurationError) -> NodeConfiguration {
        let document = try ConfigurationDocument(json: json, overrides: overrides)
        var reader = NodeConfigurationReader(registry: registry)
        reader.problems = document.problems
        let configuration = reader.configuration(from: document.root)
        reader.problems.attribute(to: document.applied)
        guard reader.problems.problems.isEmpty, let configuration else {
            throw ConfigurationError(reader.problems.problems)
        }
        return configuration
    }

    /// Reads a configuration that is a document already.
    package static func load(
        document: JSONValue, registry: StrategyRegistry
    ) throws(ConfigurationError) -> NodeConfiguration {
        var reader = NodeConfigurationReader(registry: registry)
        let configuration = reader.configuration(from: document)
        guard reader.problems.problems.isEmpty, let configuration else {
            throw ConfigurationError(reader.problems.problems)
        }
        return configuration
    }

    /// As ``load(json:overrides:registry:)-([UInt8],_,_)``.
    package static func load(
        json: String, overrides: [String] = [], registry: StrategyRegistry
    ) throws(ConfigurationError) -> NodeConfiguration {
        try load(json: Array(json.utf8), overrides: overrides, registry: registry)
    }

    /// The configuration of another member of the same cluster, all else equal: as loading it anew would make it. O(1).
    ///
    /// - Parameter position: in ``members``.
    package func configuration(ofMember position: Int) -> NodeConfiguration {
        let member = members[position]
        var other = self
        other.node.name = member.name
        other.node.peer = member.peer
        other.node.http = member.http
        other.node.resp = member.resp
        other.node.zone = member.zone
        other.node.weight = member.weight
        other.node.dataFolder = "data/\(member.name)"
        return other
    }

    package var nodeID: NodeID { NodeID(node.name) }

    /// Whether the node is not among the members that the file names, and has to be joined by one of them.
    package var isOutsider: Bool { !members.contains { $0.name == node.name } }

    package var kinds: StrategyKinds {
        StrategyKinds(
            partitioner: partitioner.kind, conflictResolver: conflictResolver.kind, membership: membership.kind,
            sync: sync.kind, storage: storage.kind)
    }

    /// What a driver makes the node from.
    package func blueprint() -> NodeBlueprint {
        var blueprint = NodeBlueprint(
            cluster: cluster.name, member: node.member.member(status: isOutsider ? .joining : .active),
            initialMembers: members.map { $0.member(status: .active) }.sorted { $0.node < $1.node },
            shards: node.shards, replication: replication, hints: hints, antiEntropy: antiEntropy,
            durability: durability, partitioner: partitioner.make(), resolver: conflictResolver.make(), kinds: kinds,
            partitionerText: partitioner.json.text(pretty: false),
            membershipGuarantees: membership.guarantees, makeMembership: membership.make().make,
            makeSynchronizer: sync.make().make, makeStorage: storage.make().make)
        blueprint.recordCache = node.recordCache
        return blueprint
    }
}
