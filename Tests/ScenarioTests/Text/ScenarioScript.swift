/// A scenario as it is written: prose, and steps of commands with the output that they are to give.
///
/// A step is one or more command lines, then `----`, then its output up to a blank line. Lines that start with `#` are the
/// story's prose and stand outside outputs. Everything but the outputs survives a rewrite to the letter.
struct ScenarioScript: Equatable {
    static let separator = "----"

    struct Line: Equatable {
        /// Counted from 1.
        let number: Int
        let text: String
    }

    struct Step: Equatable {
        /// The lines above the separator: commands, and prose among them.
        var head: [Line]
        let separatorNumber: Int
        var output: [String]

        var commandLines: [Line] { head.filter { !$0.text.hasPrefix("#") } }
        /// The line of the first command.
        var number: Int { commandLines.first?.number ?? separatorNumber }
    }

    enum Part: Equatable {
        /// A comment or a blank line.
        case prose(String)
        case step(Step)
    }

    private(set) var parts: [Part] = []

    var steps: [Step] {
        parts.compactMap { part in
            if case .step(let step) = part { step } else { nil }
        }
    }

    /// - Throws: ``ScenarioError`` for a step without its separator or without a command, for a text without a step, and
    ///   for one that does not begin with prose.
    init(parsing text: String) throws(ScenarioError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        guard lines.first?.hasPrefix("#") == true else {
            throw ScenarioError(line: 1, message: "a scenario begins with its story: a line that starts with #")
        }
        var head: [Line] = []
        var index = 0
        while index < lines.count {
            let line = Line(number: index + 1, text: lines[index])
            index += 1
            if line.text == Self.separator {
                var output: [String] = []
                while index < lines.count, !lines[index].isBlank {
                    output.append(lines[index])
                    index += 1
                }
                parts.append(.step(try Self.step(head, separator: line.number, output)))
                head = []
            } else if head.isEmpty, line.text.isBlank || line.text.hasPrefix("#") {
                parts.append(.prose(line.text))
            } else if line.text.isBlank {
                throw Self.unfinished(head)
            } else {
                head.append(line)
            }
        }
        guard head.isEmpty else { throw Self.unfinished(head) }
        guard !steps.isEmpty else { throw ScenarioError(line: lines.count, message: "there is no step") }
    }

    private static func step(_ head: [Line], separator: Int, _ output: [String]) throws(ScenarioError) -> Step {
        let step = Step(head: head, separatorNumber: separator, output: output)
        guard !step.commandLines.isEmpty else {
            throw ScenarioError(line: separator, message: "\(Self.separator) follows no command")
        }
        if let position = output.firstIndex(of: Self.separator) {
            throw ScenarioError(
                line: separator + 1 + position, message: "a blank line is missing between an output and the next step")
        }
        return step
    }

    private static func unfinished(_ head: [Line]) -> ScenarioError {
        let last = head[head.count - 1].number
        return ScenarioError(line: last, message: "the step ends without \(separator)")
    }

    /// The text with these outputs, one for each step.
    func text(outputs: [[String]]) -> String {
        var lines: [String] = []
        var remaining = outputs[...]
        for part in parts {
            switch part {
            case .prose(let text): lines.append(text)
            case .step(let step):
                lines += step.head.map(\.text) + [Self.separator] + (remaining.popFirst() ?? step.output)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
