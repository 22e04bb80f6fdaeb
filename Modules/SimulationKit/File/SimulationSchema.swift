package import Composition
internal import StatorCore
internal import Workload

/// The JSON schema of a simulation file (draft 2020-12), made from the descriptions that also decode it. What concerns
/// several fields, such as faults that cannot happen, only loading checks.
package enum SimulationSchema {
    private static let sections = [
        SectionDescription("cluster", ClusterShape.self, "How many nodes there are."),
        SectionDescription("clocks", ClockSettings.self, "How the nodes' clocks are off."),
        SectionDescription("faults", FaultSettings.self, "Which faults come how often while clients work."),
        SectionDescription("phases", PhaseSettings.self, "How long each phase lasts."),
    ]

    package static func json(_ registry: StrategyRegistry) -> String {
        var members = [
            JSONMember("$schema", .object([JSONMember("type", .text("string"))])),
            JSONMember("name", text("The simulation's name, for reports.")),
            JSONMember("question", text("What it is to answer, in a sentence.")),
        ]
        members += SectionDescription.plain.map { JSONMember($0.name, NodeSchema.section($0)) }
        members.append(JSONMember("strategies", NodeSchema.strategies(registry)))
        members.append(JSONMember("network", network))
        members.append(
            JSONMember(
                "disks",
                NodeSchema.object(
                    "How long disks take.",
                    [JSONMember("loadLatency", reference), JSONMember("syncLatency", reference)], required: [])))
        members.append(JSONMember("workload", workload))
        members.append(JSONMember("draws", draws))
        members += sections.map { JSONMember($0.name, $0.name == "faults" ? faults : NodeSchema.section($0)) }
        guard case .object(let rest) = NodeSchema.object(nil, members, required: []) else { return "" }
        return JSONValue.object(
            [
                JSONMember("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
                JSONMember("title", .text("A simulation of a Stator cluster")),
            ] + rest + [JSONMember("$defs", .object([JSONMember("latency", latency)]))]
        ).text(pretty: true)
    }

    private static func text(_ help: String) -> JSONValue {
        .object([JSONMember("description", .text(help)), JSONMember("type", .text("string"))])
    }

    private static var reference: JSONValue {
        .object([JSONMember("$ref", .text("#/$defs/latency"))])
    }

    private static func array(_ items: JSONValue, _ help: String) -> JSONValue {
        .object([
            JSONMember("description", .text(help)), JSONMember("type", .text("array")), JSONMember("items", items),
        ])
    }

    private static var network: JSONValue {
        let fields = NodeSchema.properties(FieldDescription.all(of: LinkFileSettings.self))
        let row = JSONValue.object([JSONMember("type", .text("array")), JSONMember("items", reference)])
        return NodeSchema.object(
            "How messages travel.",
            fields + [
                JSONMember("latency", reference),
                JSONMember("zoneLatencies", array(row, "By the sender's zone, then by the receiver's.")),
            ], required: [])
    }

    private static var workload: JSONValue {
        let requests = NodeSchema.section(
            SectionDescription(
                "requests", RequestSettings.self,
                "What requests ask for beyond the cluster's defaults, as shares; simulated clients only."))
        return NodeSchema.object(
            "What the clients do.",
            NodeSchema.properties(FieldDescription.all(of: WorkloadSettings.self)) + [JSONMember("requests", requests)],
            required: [])
    }

    private static var draws: JSONValue {
        .object([
            JSONMember(
                "description",
                .text(
                    "What each seed draws: the path of a setting, and its choices. A choice is a value, or an object of "
                        + "`value` and `with`, other paths and what they are set to with it.")),
            JSONMember("type", .text("object")),
            JSONMember(
                "additionalProperties",
                .object([JSONMember("type", .text("array")), JSONMember("minItems", .integer(1))])),
        ])
    }

    private static var faults: JSONValue {
        let drawn = NodeSchema.properties(FieldDescription.all(of: FaultSettings.self))
        let scheduled = NodeSchema.object(
            nil, NodeSchema.properties(FieldDescription.all(of: ScheduledFault.self)),
            required: ScheduledFault.required)
        return NodeSchema.object(
            "Which faults come how often while clients work, and which at set times.",
            drawn + [JSONMember("schedule", array(scheduled, "Faults at set times, besides those that are drawn."))],
            required: [])
    }

    private static var latency: JSONValue {
        let fields = NodeSchema.properties(FieldDescription.all(of: LatencySettings.self))
        let weight = NodeSchema.properties(FieldDescription.all(of: WeightSettings.self))
        let part = NodeSchema.object(nil, weight + fields, required: [])
        let mixture = NodeSchema.object(
            "One of several distributions for each message.",
            [
                JSONMember("kind", .object([JSONMember("const", .text("mixture"))])),
                JSONMember("parts", array(part, "The distributions, each with its weight.")),
            ], required: ["kind", "parts"])
        return .object([
            JSONMember("description", .text("How long something takes: a distribution.")),
            JSONMember("anyOf", .array([NodeSchema.object(nil, fields, required: []), mixture])),
        ])
    }
}
