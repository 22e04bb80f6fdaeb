internal import Analysis
package import Composition
internal import SimulationKit

/// The JSON schema of a matrix file (draft 2020-12), made from the descriptions that also decode it. What concerns
/// several parts, such as levels that go with no other, only loading checks.
package enum MatrixSchema {
    package static func json(_ registry: StrategyRegistry) -> String {
        var members = [JSONMember("$schema", type("string", "Where editors find this."))]
        members += NodeSchema.properties(FieldDescription.all(of: MatrixSettings.self))
        members.append(
            JSONMember(
                "metrics",
                array(
                    .object([JSONMember("enum", .array(MetricCatalogue.all.map { .text($0.name) }))]),
                    "The metrics that are tested; all are measured and shown.")))
        members.append(JSONMember("factors", array(factor, "What is varied, fully crossed.")))
        members.append(
            JSONMember(
                "exclude",
                array(
                    type("object", "Levels by factor."),
                    "Combinations that are not wanted: an object names factors and levels that are not to meet.")))
        members.append(
            JSONMember(
                "base",
                .object([
                    JSONMember(
                        "description", .text("What all runs share: a simulation as simulation.json describes it.")),
                    JSONMember("$ref", .text("simulation.json")),
                ])))
        members.append(
            JSONMember("nodes", array(type("string", "http://host:port"), "Running nodes, for `remote`.")))
        guard case .object(let rest) = NodeSchema.object(nil, members, required: MatrixSettings.required + ["base"])
        else { return "" }
        return JSONValue.object(
            [
                JSONMember("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
                JSONMember("title", .text("A matrix of strategies, workloads and faults")),
            ] + rest
        ).text(pretty: true)
    }

    private static func type(_ name: String, _ help: String) -> JSONValue {
        .object([JSONMember("description", .text(help)), JSONMember("type", .text(name))])
    }

    private static func array(_ items: JSONValue, _ help: String) -> JSONValue {
        .object([
            JSONMember("description", .text(help)), JSONMember("type", .text("array")), JSONMember("items", items),
        ])
    }

    private static var factor: JSONValue {
        let level = NodeSchema.object(
            nil,
            [
                JSONMember("name", type("string", "What reports call it.")),
                JSONMember("set", type("object", "Values by their paths within the base.")),
            ], required: ["name", "set"])
        return NodeSchema.object(
            nil,
            [
                JSONMember("name", type("string", "What reports call it.")),
                JSONMember("path", type("string", "The path within the base that `values` are set at.")),
                JSONMember(
                    "values",
                    .object([
                        JSONMember("description", .text("The levels of a factor that is one setting.")),
                        JSONMember("type", .text("array")),
                    ])),
                JSONMember("levels", array(level, "The levels of a factor that is several settings.")),
            ], required: ["name"])
    }
}
