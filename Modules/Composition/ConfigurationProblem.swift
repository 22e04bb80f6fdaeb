package import StatorCore

/// One thing that is wrong with a configuration.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// Where, in the notation of `--set`: `replication.w`, `cluster.members.0.peer`; or line and column of a text that
    /// is no JSON.
    package let path: String
    /// What was found and what is allowed.
    package let message: String
    /// What was probably meant, as a sentence, where that can be guessed.
    package let suggestion: String?

    package init(path: String, message: String, suggestion: String? = nil) {
        self.path = path
        self.message = message
        self.suggestion = suggestion
    }

    package var description: String {
        let place = path.isEmpty ? "" : "\(path): "
        return place + message + (suggestion.map { "; \($0)" } ?? "")
    }
}

/// Everything that is wrong with a configuration, found in one go.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of the schema.
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        precondition(!problems.isEmpty, "an error needs a problem")
        self.problems = problems
    }

    /// A line that counts, then every problem on a line of its own.
    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["\(count) in the configuration:"] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// Collects problems while a configuration is read.
package struct ProblemList {
    package private(set) var problems: [ConfigurationProblem] = []

    package init() {}

    package mutating func add(_ path: String, _ message: String, suggestion: String? = nil) {
        problems.append(ConfigurationProblem(path: path, message: message, suggestion: suggestion))
    }

    package func has(_ path: String) -> Bool {
        problems.contains { $0.path == path }
    }

    /// Takes over what is wrong with a combination of fields, except about fields already complained of.
    package mutating func add(_ found: [SettingProblem], under path: String) {
        for problem in found where !has(path.field(problem.field)) {
            add(path.field(problem.field), problem.message)
        }
    }

    /// Marks every problem that an override caused with its text: the most specific one's, among equals the last one's.
    package mutating func attribute(to overrides: [AppliedOverride]) {
        problems = problems.map { problem in
            let causes = overrides.reversed().filter { override in
                problem.path == override.origin || problem.path.hasPrefix(override.origin + ".")
            }
            guard let cause = causes.max(by: { $0.origin.utf8.count < $1.origin.utf8.count }) else { return problem }
            return ConfigurationProblem(
                path: problem.path, message: "\(problem.message) (from --set \(cause.text))",
                suggestion: problem.suggestion)
        }
    }
}

extension String {
    /// The path of a field of what is at this path. Names that are unlike ours are quoted, so that a path stays one
    /// short word.
    package func field(_ name: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        let shown = isPlain ? name : JSONValue.quoted(name)
        return isEmpty ? shown : "\(self).\(shown)"
    }
}
