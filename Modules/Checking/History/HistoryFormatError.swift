/// Why bytes are not a history, and where.
package struct HistoryFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// In bytes of the line, counted from 1.
    package let column: Int
    package let found: String
    package let expected: String

    package init(line: Int, column: Int, found: String, expected: String) {
        self.line = line
        self.column = column
        self.found = found
        self.expected = expected
    }

    package var description: String {
        "line \(line), column \(column): found \(found), expected \(expected)"
    }
}
