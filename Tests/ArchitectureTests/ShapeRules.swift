/// How files look, wherever they are.
enum ShapeRules {
    static let maximumLines = 400
    private static let unfinished = Pattern(#"\b(?:TODO|FIXME|XXX)\b"#)
    private static let fatalError = Pattern(#"\bfatalError\("#)

    static func violations(in file: SourceFile) -> [Violation] {
        var violations: [Violation] = []
        let lineCount = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        if lineCount > maximumLines {
            violations.append(file.violation(lineCount - 1, "\(lineCount) lines, at most \(maximumLines) are allowed"))
        }
        for index in file.code.indices {
            if unfinished.isFound(in: file.comments[index]) {
                violations.append(file.violation(index, "unfinished work belongs into an issue"))
            }
            if fatalError.isFound(in: file.code[index]) {
                violations.append(file.violation(index, "use precondition for programmer errors, throw for the rest"))
            }
        }
        return violations
    }

    /// A type with its module's name makes the module's other names unreachable by qualification.
    static func typeNamedAsModule(in file: SourceFile) -> [Violation] {
        let pattern = Pattern(#"\b(?:struct|class|enum|actor|protocol|typealias)\s+"# + file.module + #"\b"#)
        return file.code.indices.compactMap { index in
            !pattern.isFound(in: file.code[index])
                ? nil : file.violation(index, "a type must not have its module's name")
        }
    }
}
