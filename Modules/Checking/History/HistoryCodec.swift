/// Histories as JSON Lines: one operation a line, fields in a fixed order, absent ones left out.
///
///     {"id":1,"client":3,"kind":"write","key":"k","value":"v1","basis":"held","result":"…","start":10,"end":25,"outcome":"ok"}
///     {"id":2,"client":3,"kind":"read","key":"k","values":["v1"],"result":"…","start":30,"end":41,"outcome":"ok","r":2}
///
/// | field | of | member |
/// |---|---|---|
/// | `id`, `client`, `kind`, `key`, `start`, `end`, `outcome` | all | the same |
/// | `value` | writes | the same |
/// | `values`, `shows`, `final` | reads | `values`, `shows`, `isFinal` |
/// | `basis`, `context`, `saw`, `w` | writes, deletes | `basis`, `context`, `saw`, `writeQuorum` |
/// | `condition`, `coordinator`, `life` | writes, deletes | `condition`, `coordinator`, `coordinatorLife` |
/// | `result`, `error`, `node` | all | `resultContext`, `error`, `node` |
/// | `r`, `sloppy`, `timeout` | all | `readQuorum`, `isSloppy`, `timeout` |
///
/// Times are whole nanoseconds. Decoding is strict: what the encoder does not write is refused, apart from white space
/// between tokens, other orders of fields and a missing line break at the end.
package enum HistoryCodec {
    /// The longest line, in bytes without its line break: histories name values, they do not carry them.
    package static let maximumLineLength = 1 << 20

    /// O(bytes).
    package static func encode(_ history: History) -> [UInt8] {
        var bytes: [UInt8] = []
        for operation in history.operations { bytes += encode(operation) }
        return bytes
    }

    /// One line, its line break included.
    package static func encode(_ operation: HistoryOperation) -> [UInt8] {
        let isRead = operation.kind == .read
        var writer = JSONWriter()
        writer.object { line in
            line.member("id", operation.id)
            line.member("client", operation.client)
            line.member("kind", operation.kind.rawValue)
            line.member("key", operation.key)
            if operation.kind == .write { line.member("value", operation.value ?? "") }
            if isRead, !operation.values.isEmpty { line.member("values", operation.values) }
            if !isRead { line.member("basis", operation.basis.rawValue) }
            if !isRead, let context = operation.context { line.member("context", context) }
            if let context = operation.resultContext { line.member("result", context) }
            if !isRead, let saw = operation.saw { line.member("saw", saw) }
            if isRead, let shows = operation.shows { line.member("shows", shows) }
            line.member("start", operation.start)
            line.member("end", operation.end)
            line.member("outcome", operation.outcome.rawValue)
            if let error = operation.error { line.member("error", error) }
            if let node = operation.node { line.member("node", node) }
            if let quorum = operation.readQuorum { line.member("r", quorum) }
            if !isRead, let quorum = operation.writeQuorum { line.member("w", quorum) }
            encodeOptions(of: operation, to: &line)
            if isRead, operation.isFinal { line.member("final", true) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func encodeOptions(of operation: HistoryOperation, to line: inout JSONWriter) {
        if let isSloppy = operation.isSloppy { line.member("sloppy", isSloppy) }
        if let timeout = operation.timeout { line.member("timeout", timeout) }
        guard operation.kind != .read else { return }
        if let condition = operation.condition { line.member("condition", condition.rawValue) }
        if let coordinator = operation.coordinator { line.member("coordinator", coordinator) }
        if let life = operation.coordinatorLife { line.member("life", life) }
    }

    /// - Parameter bytes: a whole file; an empty one is an empty history.
    /// - Throws: at the first line that is not an operation, or repeats an id.
    /// - Complexity: O(bytes).
    package static func decode(_ bytes: [UInt8]) throws(HistoryFormatError) -> History {
        var history = History()
        var lineOfID: [Int: Int] = [:]
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            guard end - start <= maximumLineLength else {
                throw HistoryFormatError(
                    line: line, column: maximumLineLength + 1, found: "a line of \(end - start) bytes",
                    expected: "at most \(maximumLineLength)")
            }
            var reader = HistoryLineReader(bytes, start..<end, line: line)
            let operation = try reader.operation()
            if let first = lineOfID.updateValue(line, forKey: operation.id) {
                throw HistoryFormatError(
                    line: line, column: 1, found: "the id \(operation.id) of line \(first) again",
                    expected: "an id of its own for each operation")
            }
            history.append(operation)
            start = end + 1
        }
        return history
    }
}
