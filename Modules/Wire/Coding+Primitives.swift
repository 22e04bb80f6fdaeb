import NIOCore
import StatorCore

/// What the codecs of this module share beyond the primitives of StatorCore.
extension ByteWriter {
    /// A number that is never negative in practice; what lies outside the limit is cut to it.
    mutating func writeNumber(_ number: Int, maximum: Int = WireLimits.maximumNumber) {
        writeVarint(UInt64(min(max(number, 0), maximum)))
    }

    /// A text for people, cut after the last whole character that fits into `maximum` bytes of UTF-8.
    mutating func writeSentence(_ text: String, maximum: Int = WireLimits.maximumSentence) {
        guard text.utf8.count > maximum else { return writeText(text) }
        var end = text.utf8.index(text.startIndex, offsetBy: maximum)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        writeText(String(text[..<end]))
    }

    /// A presence byte, then the bytes if there are any.
    mutating func writeOptionalBytes(_ bytes: ByteBuffer?) {
        writeBoolean(bytes != nil)
        if let bytes { writeLengthPrefixed(bytes) }
    }

    mutating func writeNodes(_ nodes: [NodeID]) {
        writeVarint(UInt64(nodes.count))
        for node in nodes { writeNodeID(node) }
    }

    mutating func writeEpoch(_ epoch: Epoch) {
        writeVarint(epoch.number)
    }

    mutating func writeToken(_ token: Token) {
        writeInteger(token.value)
    }

    mutating func writeCursor(_ cursor: ScanCursor?) {
        writeBoolean(cursor != nil)
        guard let cursor else { return }
        writeToken(cursor.token)
        writeKey(cursor.key)
    }
}

extension ByteReader {
    mutating func readNumber(_ what: @autoclosure () -> String) throws(CodecError) -> Int {
        try readCount(what(), maximum: WireLimits.maximumNumber)
    }

    mutating func readSentence(_ what: @autoclosure () -> String) throws(CodecError) -> String {
        try readText(what(), maximum: WireLimits.maximumSentence)
    }

    /// A count of things that take `minimumSize` bytes each at least: refused where that many cannot follow.
    mutating func readListCount(
        _ what: @autoclosure () -> String, maximum: Int, minimumSize: Int
    ) throws(CodecError) -> Int {
        let count = try readCount(what(), maximum: maximum)
        guard count <= readableBytes / minimumSize else { throw .truncated(what: what()) }
        return count
    }

    mutating func readOptionalBytes(_ what: @autoclosure () -> String, maximum: Int) throws(CodecError) -> ByteBuffer? {
        guard try readBoolean(what()) else { return nil }
        return try readLengthPrefixed(what(), maximum: maximum)
    }

    mutating func readNodes(_ what: @autoclosure () -> String) throws(CodecError) -> [NodeID] {
        let count = try readListCount(what(), maximum: WireLimits.maximumNodes, minimumSize: 2)
        var nodes: [NodeID] = []
        for _ in 0..<count { nodes.append(try readNodeID(what())) }
        return nodes
    }

    mutating func readEpoch() throws(CodecError) -> Epoch {
        Epoch(try readVarint("epoch"))
    }

    mutating func readToken() throws(CodecError) -> Token {
        Token(try readFixed("token", as: UInt64.self))
    }

    mutating func readCursor() throws(CodecError) -> ScanCursor? {
        guard try readBoolean("cursor's presence") else { return nil }
        return ScanCursor(token: try readToken(), key: try readKey())
    }

    /// The tag of an enum's case.
    mutating func readTag(_ what: @autoclosure () -> String) throws(CodecError) -> UInt8 {
        try readFixed(what(), as: UInt8.self)
    }
}
