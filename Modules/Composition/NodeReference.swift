import Replication
import StatorCore

/// The reference part of `docs/configuration.md`, made from the descriptions that also decode the configuration.
package enum NodeReference {
    package static func markdown(_ registry: StrategyRegistry) -> String {
        var lines: [String] = []
        for section in [SectionDescription.node, .cluster, .member] + SectionDescription.plain {
            lines += ["### `\(section.name)`", "", section.help, ""]
            lines += table(section.fields, required: section.required) + [""]
        }
        let kinds = StrategyRegistry.defaultKinds
        lines += family(.partitioner, registry.partitioners, default: kinds.partitioner)
        lines += family(.conflictResolver, registry.conflictResolvers, default: kinds.conflictResolver)
        lines += family(.membership, registry.membershipProtocols, default: kinds.membership)
        lines += family(.sync, registry.synchronizers, default: kinds.sync)
        lines += family(.storage, registry.storageEngines, default: kinds.storage)
        return lines.joined(separator: "\n")
    }

    private static func family<Product>(
        _ family: StrategyFamily, _ entries: [StrategyEntry<Product>], default defaultKind: String
    ) -> [String] {
        var lines = ["### `strategies.\(family.rawValue)`", ""]
        for entry in entries {
            let mark = entry.kind == defaultKind ? " (default)" : ""
            lines += ["**`\(entry.kind)`**\(mark): \(entry.summary)", ""]
            // Sorted, for a set has no order of its own.
            let laws = entry.guarantees.map(\.name).sorted().map { "`\($0)`" }
            if !laws.isEmpty { lines += ["Guarantees: \(laws.joined(separator: ", ")).", ""] }
            if !entry.fields.isEmpty { lines += table(entry.fields, required: []) + [""] }
        }
        return lines
    }

    private static func table(_ fields: [FieldDescription], required: [String]) -> [String] {
        let rows = fields.map { field in
            let value = required.contains(field.name) ? "required" : "`\(field.defaultValue.json.text(pretty: false))`"
            return "| `\(field.name)` | \(cell(allowed(field.type))) | \(value) | \(cell(field.help)) |"
        }
        return ["| field | value | default | what for |", "|---|---|---|---|"] + rows
    }

    private static func allowed(_ type: SettingType) -> String {
        switch type {
        case .integer(let range): "integer, \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "number, \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "`true`, `false`"
        case .choice(let choices): choices.map { "`\"\($0)\"`" }.joined(separator: ", ")
        case .text(let maximumLength): "text, up to \(maximumLength) bytes"
        }
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
