/// A step whose output is not the expected one, told for people.
struct ScenarioDifference: Equatable {
    /// Of the first line that differs, or the one after the output where that is too short.
    let line: Int
    let text: String

    static func between(
        _ script: ScenarioScript, _ outputs: [[String]], in path: String, seed: UInt64
    ) -> [ScenarioDifference] {
        zip(script.steps, outputs).compactMap { step, found in
            guard step.output != found else { return nil }
            let equal = zip(step.output, found).prefix { $0 == $1 }.count
            let line = step.separatorNumber + 1 + equal
            let commands = step.commandLines.map { "  \($0.text)" }
            let header = "\(path):\(line): another output under seed \(seed) (- expected, + found) of"
            return ScenarioDifference(
                line: line, text: ([header] + commands + marked(step.output, found)).joined(separator: "\n"))
        }
    }

    /// The lines of both, those of one alone marked.
    static func marked(_ expected: [String], _ found: [String]) -> [String] {
        let difference = found.difference(from: expected)
        let removed = Set(difference.removals.map(\.offset))
        let inserted = Set(difference.insertions.map(\.offset))
        var lines: [String] = []
        var position = 0
        for (index, line) in found.enumerated() {
            while removed.contains(position) {
                lines.append("- \(expected[position])")
                position += 1
            }
            if inserted.contains(index) {
                lines.append("+ \(line)")
            } else {
                lines.append("  \(line)")
                position += 1
            }
        }
        while position < expected.count {
            lines.append("- \(expected[position])")
            position += 1
        }
        return lines
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
