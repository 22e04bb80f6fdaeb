/// Reads a trace: a CSV file whose first line names the columns, in any order.
///
/// - `operation`: `read` or `get`; `write`, `put` or `update`, a write without a context; `delete`; `insert`.
/// - `key`: a text of 1 to 1024 bytes of UTF-8.
/// - `time_us`, optional: whole microseconds from the start, not before the row above.
/// - `value_bytes`, optional: the size of the value, at most 1 MiB.
///
/// Other columns are passed over. O(bytes); 24 bytes a row and the distinct keys are kept.
package struct TraceReader {
    private struct Columns {
        var count = 0
        var operation = -1
        var key = -1
        var time: Int?
        var valueBytes: Int?
    }

    private var scanner: CSVScanner
    private var columns = Columns()
    private var fields: [CSVScanner.Field] = []
    private var entries: [TraceEntry] = []
    private var keys: [String] = []
    /// By their bytes: equal texts of Swift may be different keys.
    private var numbers: [[UInt8]: Int] = [:]
    private var latest = 0

    private init(_ bytes: [UInt8]) {
        scanner = CSVScanner(bytes)
    }

    /// - Throws: where the file is not a trace, the first place where that shows.
    package static func read(_ bytes: [UInt8]) throws(TraceFormatError) -> Trace {
        var reader = TraceReader(bytes)
        try reader.readHeader()
        while !reader.scanner.isAtEnd { try reader.readRow() }
        guard !reader.entries.isEmpty else {
            throw reader.scanner.error(found: "the end of the file", expected: "at least one operation")
        }
        return Trace(
            entries: reader.entries, keys: reader.keys, hasTimes: reader.columns.time != nil,
            hasValueSizes: reader.columns.valueBytes != nil)
    }

    // MARK: Header

    private mutating func readHeader() throws(TraceFormatError) {
        var names: [String] = []
        var field = CSVScanner.Field()
        repeat {
            try scanner.next(into: &field)
            let name = String(decoding: field.text, as: UTF8.self)
            guard names.count < TraceLimits.columns else {
                throw error(field, "another column", "at most \(TraceLimits.columns) columns")
            }
            guard !names.contains(name) else {
                let found =
                    name.isEmpty ? "another column without a name" : "the column \(Self.spelled(field.text[...])) again"
                throw error(field, found, "each column once")
            }
            names.append(name)
        } while !field.isLast
        columns.count = names.count
        fields = [CSVScanner.Field](repeating: .init(), count: names.count)
        columns.operation = try required("operation", names)
        columns.key = try required("key", names)
        columns.time = names.firstIndex(of: "time_us")
        columns.valueBytes = names.firstIndex(of: "value_bytes")
    }

    private func required(_ name: String, _ names: [String]) throws(TraceFormatError) -> Int {
        if let index = names.firstIndex(of: name) { return index }
        let found = Self.spelled(Array(names.joined(separator: ",").utf8)[...])
        throw TraceFormatError(
            line: 1, column: 1, found: names == [""] ? "no column" : "the columns \(found)",
            expected: "a header with the column '\(name)'")
    }

    // MARK: Rows

    private mutating func readRow() throws(TraceFormatError) {
        guard entries.count < TraceLimits.rows else {
            throw scanner.error(found: "another row", expected: "at most \(TraceLimits.rows)")
        }
        var count = 0
        repeat {
            guard count < columns.count else {
                throw scanner.error(found: "another field", expected: "\(columns.count) fields as in the header")
            }
            try scanner.next(into: &fields[count])
            count += 1
        } while !fields[count - 1].isLast
        guard count == columns.count else {
            throw error(fields[count - 1], "the last of \(count) fields", "\(columns.count) fields as in the header")
        }
        let kind = try readKind(fields[columns.operation])
        let key = try readKey(fields[columns.key])
        let time: Int? = if let time = columns.time { try readTime(fields[time]) } else { nil }
        let bytes: Int? =
            if let column = columns.valueBytes {
                try readNumber(fields[column], maximum: WorkloadSettings.maximumValueBytes, "bytes")
            } else { nil }
        entries.append(
            TraceEntry(kind: kind, key: key, valueBytes: bytes, nanoseconds: time.map { Int64($0) * 1000 }))
    }

    private func readKind(_ field: CSVScanner.Field) throws(TraceFormatError) -> WorkloadStep.Kind {
        switch String(decoding: field.text, as: UTF8.self) {
        case "read", "get": return .read
        case "write", "put", "update": return .heldWrite
        case "delete": return .delete
        case "insert": return .insert
        default:
            throw error(
                field, Self.spelled(field.text[...]),
                "an operation: read or get, write, put or update, delete, or insert")
        }
    }

    private mutating func readKey(_ field: CSVScanner.Field) throws(TraceFormatError) -> Int {
        guard (1...TraceLimits.keyBytes).contains(field.text.count) else {
            throw error(field, "a key of \(field.text.count) bytes", "1 to \(TraceLimits.keyBytes) bytes")
        }
        if let number = numbers[field.text] { return number }
        guard let key = String(validating: field.text, as: UTF8.self) else {
            throw error(field, Self.spelled(field.text[...]), "a key in UTF-8")
        }
        numbers[field.text] = keys.count
        keys.append(key)
        return keys.count - 1
    }

    private mutating func readTime(_ field: CSVScanner.Field) throws(TraceFormatError) -> Int {
        let time = try readNumber(field, maximum: TraceLimits.microseconds, "microseconds")
        guard time >= latest else {
            throw error(field, "\(time)", "at least the \(latest) of the row above")
        }
        latest = time
        return time
    }

    private func readNumber(
        _ field: CSVScanner.Field, maximum: Int, _ unit: String
    ) throws(TraceFormatError) -> Int {
        let isDigits = !field.text.isEmpty && field.text.allSatisfy { (0x30...0x39).contains($0) }
        let number = isDigits ? Int(String(decoding: field.text, as: UTF8.self)) : nil
        guard let number, number <= maximum else {
            throw error(field, Self.spelled(field.text[...]), "whole \(unit), 0 to \(maximum)")
        }
        return number
    }

    // MARK: Errors

    private func error(_ field: CSVScanner.Field, _ found: String, _ expected: String) -> TraceFormatError {
        TraceFormatError(line: field.line, column: field.column, found: found, expected: expected)
    }

    /// The start of what was found, without control characters.
    static func spelled(_ text: ArraySlice<UInt8>) -> String {
        guard !text.isEmpty else { return "nothing" }
        let start = text.prefix(40)
        let shown = String(decoding: start.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
        return "'\(shown)'" + (start.count < text.count ? "..." : "")
    }
}
