/// Why a trace could not be read, and where.
package struct TraceFormatError: Error, Equatable, CustomStringConvertible {
    /// From 1 on; a quoted field may hold several lines.
    package let line: Int
    /// The byte in the line, from 1 on.
    package let column: Int
    package let found: String
    package let expected: String

    package var description: String { "line \(line), column \(column): found \(found), expected \(expected)" }
}

/// What a trace must not exceed.
package enum TraceLimits {
    package static let rows = 10_000_000
    package static let columns = 100
    /// Of a key, in bytes, as everywhere in the store.
    package static let keyBytes = 1024
    /// Of any field, in bytes.
    package static let fieldBytes = 65_536
    /// A year, in microseconds.
    package static let microseconds = 31_536_000_000_000
}
