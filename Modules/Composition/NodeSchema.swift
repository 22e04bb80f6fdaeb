import Replication
package import StatorCore

/// One object of the configuration, as schema and documentation show it.
package struct SectionDescription {
    package let name: String
    package let help: String
    package let fields: [FieldDescription]
    package let required: [String]

    package init<Settings: StrategySettings>(
        _ name: String, _ settings: Settings.Type, required: [String] = [], _ help: String
    ) {
        self.name = name
        self.help = help
        self.required = required
        fields = FieldDescription.all(of: settings)
    }

    static let node = SectionDescription(
        "node", NodeSettings.self, required: NodeSettings.required, "This node itself.")
    static let cluster = SectionDescription(
        "cluster", ClusterSettings.self, required: ClusterSettings.required,
        "The cluster as it first starts. Every member's file says the same here; later joins and leaves are agreed "
            + "while it runs."
    )
    static let member = SectionDescription(
        "cluster.members", MemberSettings.self, required: MemberSettings.required,
        "The first members. A node that is not among them is an outsider: it waits until it is joined.")
    package static let plain = [
        SectionDescription(
            "replication", ReplicationSettings.self, "Replicas, quorums and how requests are coordinated."),
        SectionDescription("hints", HintSettings.self, "Hinted handoff: writes kept for replicas that do not answer."),
        SectionDescription(
            "antiEntropy", AntiEntropySettings.self, "Periodic anti-entropy, whatever the sync strategy."),
        SectionDescription("durability", DurabilitySettings.self, "When a write counts as stored."),
        SectionDescription("resp", RESPInterfaceSettings.self, "How the node speaks RESP, the protocol of Redis."),
    ]
}

/// The JSON schema of a node's configuration (draft 2020-12), made from the descriptions that also decode it, for
/// editors and for checks outside this program. It says everything about single fields; what concerns several of them,
/// such as W > N, only loading checks.
package enum NodeSchema {
    package static func json(_ registry: StrategyRegistry) -> String {
        var members = properties(SectionDescription.cluster.fields)
        members.append(JSONMember("members", memberList))
        var sections = [
            JSONMember(NodeConfigurationReader.schemaReference, .object([JSONMember("type", .text("string"))])),
            JSONMember("node", section(SectionDescription.node)),
            JSONMember(
                "cluster",
                object(
                    SectionDescription.cluster.help, members,
                    required: SectionDescription.cluster.required + ["members"])),
        ]
        sections += SectionDescription.plain.map { JSONMember($0.name, section($0)) }
        sections.append(JSONMember("strategies", strategies(registry)))
        var schema = [
            JSONMember("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            JSONMember("title", .text("Configuration of a Stator node")),
        ]
        guard case .object(let rest) = object(nil, sections, required: ["node", "cluster"]) else { return "" }
        schema += rest
        return JSONValue.object(schema).text(pretty: true)
    }

    private static var memberList: JSONValue {
        .object([
            JSONMember("description", .text(SectionDescription.member.help)),
            JSONMember("type", .text("array")),
            JSONMember("minItems", .integer(1)),
            JSONMember("maxItems", .integer(View.maximumMembers)),
            JSONMember(
                "items",
                object(
                    nil, properties(SectionDescription.member.fields), required: SectionDescription.member.required)),
        ])
    }

    package static func section(_ section: SectionDescription) -> JSONValue {
        object(section.help, properties(section.fields), required: section.required)
    }

    package static func object(_ help: String?, _ properties: [JSONMember], required: [String]) -> JSONValue {
        var members = help.map { [JSONMember("description", .text($0))] } ?? []
        members.append(JSONMember("type", .text("object")))
        if !required.isEmpty { members.append(JSONMember("required", .array(required.map { .text($0) }))) }
        members.append(JSONMember("properties", .object(properties)))
        members.append(JSONMember("additionalProperties", .boolean(false)))
        return .object(members)
    }

    package static func properties(_ fields: [FieldDescription]) -> [JSONMember] {
        fields.map { field in
            var members = [JSONMember("description", .text(field.help))]
            switch field.type {
            case .integer(let range):
                members.append(JSONMember("type", .text("integer")))
                members.append(JSONMember("minimum", .integer(range.lowerBound)))
                members.append(JSONMember("maximum", .integer(range.upperBound)))
            case .number(let range):
                members.append(JSONMember("type", .text("number")))
                members.append(JSONMember("minimum", .number(range.lowerBound)))
                members.append(JSONMember("maximum", .number(range.upperBound)))
            case .boolean:
                members.append(JSONMember("type", .text("boolean")))
            case .choice(let choices):
                members.append(JSONMember("enum", .array(choices.map { .text($0) })))
            case .text(let maximumLength):
                members.append(JSONMember("type", .text("string")))
                members.append(JSONMember("maxLength", .integer(maximumLength)))
            }
            if field.defaultValue != .text("") { members.append(JSONMember("default", field.defaultValue.json)) }
            return JSONMember(field.name, .object(members))
        }
    }
}

extension NodeSchema {
    package static func strategies(_ registry: StrategyRegistry) -> JSONValue {
        let kinds = StrategyRegistry.defaultKinds
        return object(
            "Which strategy of each family the node runs, with its settings. Every node of a cluster runs the same.",
            [
                family(.partitioner, registry.partitioners, default: kinds.partitioner),
                family(.conflictResolver, registry.conflictResolvers, default: kinds.conflictResolver),
                family(.membership, registry.membershipProtocols, default: kinds.membership),
                family(.sync, registry.synchronizers, default: kinds.sync),
                family(.storage, registry.storageEngines, default: kinds.storage),
            ], required: [])
    }

    /// One alternative a kind; only the default one may leave `kind` out.
    private static func family<Product>(
        _ family: StrategyFamily, _ entries: [StrategyEntry<Product>], default defaultKind: String
    ) -> JSONMember {
        let alternatives = entries.map { entry in
            let kind = JSONMember("kind", .object([JSONMember("const", .text(entry.kind))]))
            return object(
                entry.summary, [kind] + properties(entry.fields), required: entry.kind == defaultKind ? [] : ["kind"])
        }
        return JSONMember(family.rawValue, .object([JSONMember("oneOf", .array(alternatives))]))
    }
}
