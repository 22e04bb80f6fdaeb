/// Takes a CSV file apart, field by field (RFC 4180): quotes, doubled quotes, line breaks in quotes; lines end in CRLF
/// or LF, the last one perhaps in nothing. A byte order mark at the start is passed over.
struct CSVScanner {
    struct Field {
        /// Without quotes.
        var text: [UInt8] = []
        var line = 1
        var column = 1
        /// Whether the record goes on after it.
        var isLast = false
    }

    private let bytes: [UInt8]
    private var position = 0
    private(set) var line = 1
    private var lineStart = 0

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            position = 3
            lineStart = 3
        }
    }

    var isAtEnd: Bool { position == bytes.count }
    var column: Int { position - lineStart + 1 }

    /// Reads the next field into `field`, whose storage is used again.
    ///
    /// - Precondition: the end is not reached, or a comma was read last.
    mutating func next(into field: inout Field) throws(TraceFormatError) {
        field.text.removeAll(keepingCapacity: true)
        field.line = line
        field.column = column
        if position < bytes.count, bytes[position] == CSVScanner.quote {
            try scanQuoted(&field)
        } else {
            try scanPlain(&field)
        }
        try scanEnd(&field)
    }

    private mutating func scanPlain(_ field: inout Field) throws(TraceFormatError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == CSVScanner.comma || byte == CSVScanner.newline || isLineEnd(at: position) { return }
            guard byte != CSVScanner.quote else {
                throw error(found: "a quote within a field", expected: "quotes around a whole field, doubled within")
            }
            try append(byte, to: &field)
        }
    }

    private mutating func scanQuoted(_ field: inout Field) throws(TraceFormatError) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == CSVScanner.quote {
                position += 1
                guard position < bytes.count, bytes[position] == CSVScanner.quote else { return }
            }
            try append(byte, to: &field)
            if byte == CSVScanner.newline { startLine() }
        }
        throw error(found: "the end of the file", expected: "a quote for that of line \(field.line)")
    }

    /// Passes what ends a field.
    private mutating func scanEnd(_ field: inout Field) throws(TraceFormatError) {
        field.isLast = true
        guard position < bytes.count else { return }
        if bytes[position] == CSVScanner.comma {
            position += 1
            field.isLast = false
            return
        }
        if isLineEnd(at: position) { position += 1 }
        guard bytes[position] == CSVScanner.newline else {
            throw error(
                found: TraceReader.spelled(bytes[position..<min(position + 1, bytes.count)]),
                expected: "a comma or the end of the line after a quoted field")
        }
        position += 1
        startLine()
    }

    private func isLineEnd(at position: Int) -> Bool {
        bytes[position] == CSVScanner.carriageReturn && position + 1 < bytes.count
            && bytes[position + 1] == CSVScanner.newline
    }

    private mutating func startLine() {
        line += 1
        lineStart = position
    }

    private mutating func append(_ byte: UInt8, to field: inout Field) throws(TraceFormatError) {
        guard field.text.count < TraceLimits.fieldBytes else {
            throw error(found: "a longer field", expected: "at most \(TraceLimits.fieldBytes) bytes in a field")
        }
        field.text.append(byte)
        position += 1
    }

    func error(found: String, expected: String) -> TraceFormatError {
        TraceFormatError(line: line, column: column, found: found, expected: expected)
    }
}
