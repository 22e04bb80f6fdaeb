package import Composition

/// Replays side by side, for people and for programs.
package enum ReplayText {
    private struct Row: Sendable {
        let label: String
        let value: @Sendable (ReplayOutcome) -> String

        init(_ label: String, _ value: @escaping @Sendable (ReplayOutcome) -> String) {
            self.label = label
            self.value = value
        }

        init(_ label: String, _ count: @escaping @Sendable (ReplayOutcome) -> Int) {
            self.init(label) { "\(count($0))" }
        }
    }

    private static var rows: [[Row]] {
        [
            [
                Row("writes and deletes", \.events),
                Row("  acknowledged", \.acknowledged),
                Row("  of unknown outcome", \.unknown),
                Row("  with an assumed past", \.assumedPasts),
                Row("values that nothing superseded", \.unsupersededValues),
                Row("keys with several of them", \.concurrentKeys),
            ],
            [
                Row("acknowledged and kept", \.kept),
                Row("acknowledged and lost", \.lost),
                Row("  to concurrent writes", \.lostToConcurrent),
                Row("  to what they had superseded", \.lostAfterSuperseding),
                Row("  though nothing superseded them", \.lostUnsuperseded),
                Row("writes refused", \.refused),
                Row("merges refused", \.refusedMerges),
            ],
            [
                Row("values shown in the end", \.values),
                Row("  beside what superseded them", \.falseSiblings),
                Row("  more than once", \.repeated),
                Row("  though they were deleted", \.resurrected),
                Row("  of unknown outcome", \.unknownValues),
                Row("versions from nowhere", \.strange),
                Row("keys", \.keys),
                Row("  with a value", \.keysWithValues),
                Row("  with siblings", \.keysWithSiblings),
                Row("siblings of a key with a value, mean") { decimal($0.meanSiblings) },
                Row("siblings of a key, maximum", \.maximumSiblings),
                Row("metadata of a record, mean bytes") { decimal($0.meanMetadataBytes) },
            ],
            [
                Row("reads that showed something", \.reads),
                Row("  several values, as recorded", \.readsOfSeveralRecorded),
                Row("  several values, as replayed", \.readsOfSeveral),
                Row("  hiding what they had shown", \.readsHiding),
                Row("  hiding the latest of it", \.readsHidingLatest),
            ],
        ]
    }

    /// Figures as rows and resolvers as columns, then each resolver's examples; ends with a line feed.
    ///
    /// - Parameter outcomes: of one history; empty text of none.
    package static func table(_ outcomes: [ReplayOutcome]) -> String {
        guard let first = outcomes.first else { return "" }
        let kinds = outcomes.map { plain($0.kind) }
        let labelWidth = rows.joined().map(\.label.count).max() ?? 0
        let cells = rows.map { group in group.map { row in outcomes.map(row.value) } }
        let widths = outcomes.indices.map { column in
            max(kinds[column].count, cells.joined().map { $0[column].count }.max() ?? 0)
        }
        func line(_ label: String, _ values: [String]) -> String {
            let padded = zip(values, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
            let margin = String(repeating: " ", count: labelWidth - label.count)
            return label + margin + "  " + padded.joined(separator: "  ") + "\n"
        }
        var text = line("", kinds)
        for (group, values) in zip(rows, cells) {
            text += "\n"
            for (row, cells) in zip(group, values) { text += line(row.label, cells) }
        }
        if first.blindWrites > 0 { text += "\n" + blindNote(first.blindWrites) }
        return text + examples(outcomes)
    }

    private static func blindNote(_ count: Int) -> String {
        """
        \(count) acknowledged writes without a context saw nothing by the record, though something had been acknowledged
        before. A cluster of which the coordinators do not look before they write records that. Replay with held pasts
        "acknowledged" to have such writes replace what was there.

        """
    }

    private static func examples(_ outcomes: [ReplayOutcome]) -> String {
        var text = ""
        for outcome in outcomes where !outcome.examples.isEmpty {
            text += "\n\(plain(outcome.kind))\n"
            for category in ReplayExample.Category.allCases {
                let found = outcome.examples.filter { $0.category == category }
                if found.isEmpty { continue }
                text += "  \(category.rawValue)\n"
                for example in found { text += "    key \(quoted(example.key)): \(example.text)\n" }
            }
        }
        return text
    }

    /// An array of the outcomes' objects.
    package static func json(_ outcomes: [ReplayOutcome]) -> JSONValue { .array(outcomes.map(\.json)) }
}

/// Numbers and texts as the report prints them.
extension ReplayText {
    private static let maximumShown = 40

    /// In double quotes, escaped, cut after some 40 characters.
    static func quoted(_ text: String) -> String { "\"\(plain(text))\"" }

    /// Control characters replaced and long texts cut, so that a text from outside stays within its line.
    static func plain(_ text: String) -> String {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == maximumShown { return shown + "…" }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            let reorders = (0x2028...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            shown += isControl || reorders ? "\u{FFFD}" : String(scalar)
        }
        return shown
    }

    /// At most two decimals, without trailing zeros.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
        let hundredths = Int64((value * 100).rounded())
        let magnitude = hundredths.magnitude
        var text = (hundredths < 0 ? "-" : "") + "\(magnitude / 100)"
        let (tens, ones) = (magnitude % 100 / 10, magnitude % 10)
        if tens + ones > 0 { text += ".\(tens)" + (ones > 0 ? "\(ones)" : "") }
        return text
    }
}
