import ConflictResolution
import NIOCore

/// How outputs show what is stored.
enum ScenarioText {
    /// More siblings than this are counted instead of shown.
    static let shownSiblings = 8

    /// The live values of a read, as clients see them.
    static func versions(_ result: ReadResult) -> String {
        shown(result.liveVersions.map(value))
    }

    /// Everything that a record holds, tombstones included.
    static func record(_ result: ReadResult) -> String {
        shown(result.versions.map(value))
    }

    private static func shown(_ values: [String]) -> String {
        values.count > shownSiblings ? "\(values.count) siblings" : values.sortedByNumber().joined(separator: " | ")
    }

    private static func value(_ version: Version) -> String {
        version.content.map { String(buffer: $0.bytes) } ?? "(tombstone)"
    }

    /// Rows with their columns below one another.
    static func table(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.compactMap { $0.dropFirst(column).first?.count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                cell + String(repeating: " ", count: max(0, widths[index] - cell.count))
            }
            return cells.joined(separator: "  ").trimmingTrailingSpaces()
        }
    }

    /// Up to ten names, then how many there are.
    static func list(_ names: [String]) -> String {
        names.count > 10 ? "\(names.count) keys" : names.sortedByNumber().joined(separator: ", ")
    }
}

extension String {
    fileprivate func trimmingTrailingSpaces() -> String {
        String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
    }
}
