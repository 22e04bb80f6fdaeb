import Foundation

/// Commands and what they print, as a document shows them in its fenced blocks without a language: `$ command`, which
/// goes on in the next line behind a backslash, then its output.
struct Transcript {
    struct Step: Equatable {
        /// Its place in the document, from 1 on.
        var line: Int
        var command: String
        var output: [String]

        /// Whether asking again changes nothing.
        var isReading: Bool {
            let words = command.split(separator: " ")
            switch words.first {
            case "curl": return !words.contains("-X")
            case "statorctl": return ["explain", "events", "ring"].contains(words.dropFirst().first)
            case "redis-cli": return words.contains("get")
            default: return false
            }
        }
    }

    var steps: [Step] = []

    /// - Parameter heading: whole, as in `## A tour`; up to the next heading of its level or a higher one.
    init(_ document: String, heading: String) {
        let level = heading.prefix { $0 == "#" }.count
        var isInSection = false
        var isInBlock = false
        var isShown = false
        var continues = false
        for (index, line) in document.components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                isInBlock.toggle()
                isShown = isInBlock && line == "```"
                continues = false
            } else if isInBlock {
                guard isInSection, isShown else { continue }
                take(line, number: index + 1, &continues)
            } else if line.hasPrefix("#"), line.contains(" ") {
                if line == heading {
                    isInSection = true
                } else if line.prefix(while: { $0 == "#" }).count <= level {
                    isInSection = false
                }
            }
        }
    }

    private mutating func take(_ line: String, number: Int, _ continues: inout Bool) {
        if continues {
            steps[steps.count - 1].command += "\n" + line
            continues = line.hasSuffix("\\")
        } else if line.hasPrefix("$ ") {
            steps.append(Step(line: number, command: String(line.dropFirst(2)), output: []))
            continues = line.hasSuffix("\\")
        } else if !steps.isEmpty {
            steps[steps.count - 1].output.append(line)
        }
    }
}
