/// Finds iteration over a dictionary or a set: a textual heuristic over the names that a file declares as one.
///
/// A line whose comment says `ordered:` and why is let pass: a sum, or a result that is sorted afterwards.
enum UnorderedIteration {
    /// The start of an unordered type: `Set<`, `Dictionary<`, or `[Key:`.
    private static let unorderedType = #"(?:Set<|Dictionary<|\[\s*[\w.<>?]+\s*:)"#
    private static let declarations = [
        Pattern(#"\b(\w+)\s*:\s*(?:inout\s+|borrowing\s+|consuming\s+)?"# + unorderedType),
        Pattern(#"\b(?:var|let)\s+(\w+)\s*=\s*"# + unorderedType),
        Pattern(#"\b(?:var|let)\s+(\w+)\s*=\s*(?:Set|Dictionary)\("#),
    ]

    /// A stored member that other files of the module can see.
    private static let member = Pattern(
        #"^    (?:(?:public|package|internal|private\(set\))\s+)*(?:var|let)\s+(\w+)\s*:\s*"# + unorderedType)

    /// The members of a module that any of its files might iterate.
    static func sharedNames(in files: [SourceFile]) -> [String] {
        var names: Set<String> = []
        for line in files.flatMap(\.code) {
            for match in member.matches(in: line) { names.insert(match[1]) }
        }
        return names.sorted()
    }

    static func violations(in file: SourceFile, shared: [String] = []) -> [Violation] {
        let names = unorderedNames(file.code) + shared
        guard !names.isEmpty else { return [] }
        let name = #"(?<!\w)(?:"# + names.joined(separator: "|") + #")(?!\w)"#
        let path = #"(?:\w+[?!]?\.)*"# + name
        let uses = [
            #"\bfor\s+.*\bin\s+"# + path
                + #"(?=\s*(?:\{|where\b|$|\.keys\b(?!\.sorted\(\))|\.values\b|\.lazy\b|\.enumerated\b))"#,
            name + #"(?:\.keys|\.values)?\.(?:map|compactMap|flatMap|forEach|filter|first|reduce|randomElement|prefix|"#
                + #"dropFirst|popFirst|enumerated|lazy|allSatisfy|joined)\b"#,
            name + #"(?:\.keys|\.values)?\.(?:sorted|min|max)\s*(?:\{|\(\s*by\b)"#,
            name + #"\.(?:keys|values)\b(?!\.(?:sorted\(\)|contains|count|isEmpty|min\(\)|max\(\)))"#,
            #"\bArray\(\s*"# + path + #"\s*\)"#,
        ].map { Pattern($0) }
        var violations: [Violation] = []
        for (index, line) in file.code.enumerated() {
            let above = index > 0 ? file.comments[index - 1] : ""
            if file.comments[index].contains("ordered:") || above.contains("ordered:") { continue }
            for use in uses {
                guard let match = use.matches(in: line).first else { continue }
                violations.append(file.violation(index, "iterates an unordered collection: `\(match[0])`"))
                break
            }
        }
        return violations
    }

    private static func unorderedNames(_ code: [String]) -> [String] {
        var names: Set<String> = []
        for line in code {
            for declaration in declarations {
                for match in declaration.matches(in: line) { names.insert(match[1]) }
            }
        }
        return names.sorted()
    }
}
