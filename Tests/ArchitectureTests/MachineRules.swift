/// What deterministic machines must not touch, as patterns of code lines.
enum MachineRules {
    struct Rule {
        let pattern: Pattern
        let message: String

        init(pattern: String, message: String) {
            self.pattern = Pattern(pattern)
            self.message = message
        }
    }

    static let lineRules = [
        Rule(
            pattern: #"\bimport\s+(?:Foundation\w*|Glibc|Musl|Darwin|Dispatch|Synchronization)\b"#,
            message: "machines import no operating system"),
        Rule(pattern: #"\bDate\s*\("#, message: "time comes with the event"),
        Rule(pattern: #"\b\w*Clock\b(?:\(\))?\.now\b"#, message: "time comes with the event"),
        Rule(pattern: #"\b(?:ContinuousClock|SuspendingClock|SystemClock)\b"#, message: "time comes with the event"),
        Rule(pattern: #"\bUUID\s*\("#, message: "identity comes from the environment"),
        Rule(pattern: #"\bSystemRandomNumberGenerator\b"#, message: "draw from RandomGenerator"),
        Rule(pattern: #"\bTask\s*[{(.<]"#, message: "machines start no task"),
        Rule(pattern: #"\bawait\b"#, message: "machines do not suspend"),
        Rule(pattern: #"\bDispatch(?:Queue|Time|Group|Semaphore)\b|\bThread\b"#, message: "machines start no thread"),
        Rule(pattern: #"\bHasher\b|\.hashValue\b"#, message: "Swift's hash is seeded per process"),
        Rule(pattern: #"\bObjectIdentifier\b"#, message: "addresses differ from run to run"),
        Rule(pattern: #"\bnonisolated\(unsafe\)|\b@unchecked\b"#, message: "machines need no unsafe sharing"),
        Rule(
            pattern: #"\b(?:static|class)\s+(?:private\(set\)\s+)?var\s+\w+[^{]*="#,
            message: "a mutable static is shared by all machines"),
        Rule(
            pattern: #"^(?:(?:public|package|internal|private|fileprivate)\s+)?var\b"#,
            message: "a mutable global is shared by all machines"),
        Rule(
            pattern:
                #"(?<![.\w])(?<!func )(?<!case )(?:exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|atan2?|tanh)\("#,
            message: "libm differs between platforms; use a table"),
        Rule(pattern: #"\b(?:TreeSet|TreeDictionary)\b"#, message: "hash trees iterate by a seeded hash"),
    ]

    /// Calls that are deterministic only where a generator is passed.
    static let drawPattern = Pattern(#"\.(?:random|shuffled|shuffle|randomElement)\s*\("#)

    /// - Parameter shared: members of the module that its other files declare as unordered collections.
    static func violations(in file: SourceFile, shared: [String] = []) -> [Violation] {
        var violations: [Violation] = []
        for (index, line) in file.code.enumerated() where !line.allSatisfy(\.isWhitespace) {
            for rule in lineRules where rule.pattern.isFound(in: line) {
                violations.append(file.violation(index, rule.message))
            }
            if drawPattern.isFound(in: line), !passesGenerator(file.code, from: index) {
                violations.append(file.violation(index, "draw with `using:` our generator"))
            }
        }
        return violations + UnorderedIteration.violations(in: file, shared: shared)
    }

    /// Whether the call that starts on this line names `using:` before its statement's parentheses close.
    private static func passesGenerator(_ code: [String], from index: Int) -> Bool {
        var depth = 0
        for line in code[index..<min(code.count, index + 6)] {
            if line.contains("using:") { return true }
            for character in line { depth += character == "(" ? 1 : character == ")" ? -1 : 0 }
            if depth <= 0 { return false }
        }
        return false
    }
}
