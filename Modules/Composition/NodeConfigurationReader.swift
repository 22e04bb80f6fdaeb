import ConflictResolution
import Membership
import Partitioning
import Replication
import StatorCore
import Storage
import Sync

/// Reads a document into a ``NodeConfiguration``, collecting problems on the way instead of stopping at the first.
struct NodeConfigurationReader {
    static let sections = [
        "node", "cluster", "replication", "hints", "antiEntropy", "durability", "resp", "strategies",
    ]
    /// Editors find the schema by it; nothing here reads it.
    static let schemaReference = "$schema"

    let registry: StrategyRegistry
    var problems = ProblemList()

    init(registry: StrategyRegistry) {
        self.registry = registry
    }

    /// - Returns: a configuration that counts only where no problem was found; `nil` where a strategy is missing.
    mutating func configuration(from document: JSONValue) -> NodeConfiguration? {
        guard case .object(let root) = document else {
            problems.add(
                "", "found \(document.finding), expected an object with \(Self.sections.joined(separator: ", "))")
            return nil
        }
        problems.refuseUnknown(root, known: Self.sections + [Self.schemaReference], at: "")
        var node = readNode(root)
        let (cluster, members) = readCluster(root)
        let replication = readSection(ReplicationSettings.self, "replication", root)
        let hints = readSection(HintSettings.self, "hints", root)
        let antiEntropy = readSection(AntiEntropySettings.self, "antiEntropy", root)
        var durability = readSection(DurabilitySettings.self, "durability", root)
        let resp = readSection(RESPInterfaceSettings.self, "resp", root)

        let strategies = problems.object(root["strategies"], at: "strategies") ?? []
        problems.refuseUnknown(strategies, known: StrategyFamily.allCases.map(\.rawValue), at: "strategies")
        let kinds = StrategyRegistry.defaultKinds
        let partitioner = readStrategy(.partitioner, registry.partitioners, kinds.partitioner, strategies)
        let resolver = readStrategy(.conflictResolver, registry.conflictResolvers, kinds.conflictResolver, strategies)
        let membership = readStrategy(.membership, registry.membershipProtocols, kinds.membership, strategies)
        let sync = readStrategy(.sync, registry.synchronizers, kinds.sync, strategies)
        let storage = readStrategy(.storage, registry.storageEngines, kinds.storage, strategies)

        checkMembers(members.map(\.settings), node: node.settings)
        settle(&node, members: members, membership: membership, replication: replication)
        if let storage { settle(&durability, storage: storage) }
        guard let partitioner, let resolver, let membership, let sync, let storage else { return nil }
        return NodeConfiguration(
            node: node.settings, cluster: cluster, members: members.map(\.settings),
            replication: replication.settings, hints: hints.settings, antiEntropy: antiEntropy.settings,
            durability: durability.settings, resp: resp.settings, partitioner: partitioner, conflictResolver: resolver,
            membership: membership, sync: sync, storage: storage)
    }

    private mutating func readNode(_ root: [JSONMember]) -> ReadSettings<NodeSettings> {
        let object = problems.object(root["node"], at: "node") ?? []
        let read = problems.settings(NodeSettings.self, from: object, at: "node", required: NodeSettings.required)
        problems.add(read.settings.problems(), under: "node")
        return read
    }

    private mutating func readCluster(_ root: [JSONMember]) -> (ClusterSettings, [ReadSettings<MemberSettings>]) {
        let object = problems.object(root["cluster"], at: "cluster") ?? []
        let cluster = problems.settings(
            ClusterSettings.self, from: object, at: "cluster", required: ClusterSettings.required, others: ["members"])
        problems.add(cluster.settings.problems(), under: "cluster")
        let path = "cluster.members"
        switch object["members"] {
        case nil:
            problems.add(path, "is missing, expected an array that names at least one member")
            return (cluster.settings, [])
        case .array(let elements) where (1...View.maximumMembers).contains(elements.count):
            let members = elements.enumerated().map { position, element in
                readMember(element, at: path.field(String(position)))
            }
            return (cluster.settings, members)
        case .array(let elements):
            problems.add(path, "found \(elements.count) members, expected 1 to \(View.maximumMembers)")
            return (cluster.settings, [])
        case .some(let other):
            problems.add(path, "found \(other.finding), expected an array that names at least one member")
            return (cluster.settings, [])
        }
    }

    private mutating func readMember(_ json: JSONValue, at path: String) -> ReadSettings<MemberSettings> {
        guard let object = problems.object(json, at: path) else { return ReadSettings(settings: MemberSettings()) }
        let read = problems.settings(
            MemberSettings.self, from: object, at: path, required: MemberSettings.required)
        problems.add(read.settings.problems(), under: path)
        return read
    }

    private mutating func readSection<Settings: StrategySettings>(
        _ type: Settings.Type, _ name: String, _ root: [JSONMember]
    ) -> ReadSettings<Settings> {
        let object = problems.object(root[name], at: name) ?? []
        let read = problems.settings(type, from: object, at: name)
        if read.isSound { problems.add(read.settings.problems(), under: name) }
        return read
    }

    private mutating func readStrategy<Product>(
        _ family: StrategyFamily, _ entries: [StrategyEntry<Product>], _ defaultKind: String,
        _ strategies: [JSONMember]
    ) -> ConfiguredStrategy<Product>? {
        let path = "strategies".field(family.rawValue)
        let json = strategies[family.rawValue]
        let object = problems.object(json, at: path) ?? []
        let known = entries.map(\.kind)
        let kind: String
        switch object["kind"] {
        case nil: kind = defaultKind
        case .text(let text): kind = text
        case .some(let other):
            problems.add(
                path.field("kind"), "found \(other.finding), expected \(SettingType.choice(known).expectation)")
            return nil
        }
        guard let entry = entries.first(where: { $0.kind == kind }) else {
            let allowed = known.isEmpty ? "none is registered" : "known kinds: \(known.joined(separator: ", "))"
            problems.add(
                path.field("kind"), "unknown kind \(JSONValue.quoted(kind)), \(allowed)",
                suggestion: NearestName.suggestion(for: kind, among: known))
            return nil
        }
        return entry.configure(object, path, &problems)
    }
}
