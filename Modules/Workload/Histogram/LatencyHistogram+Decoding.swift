internal import StatorCore

extension LatencyHistogram {
    /// Reads a text that ``encoded`` wrote. Other writers' texts are refused, as they compress or have other ranges.
    ///
    /// Nothing is allocated for a length that a text claims: all are checked against the bytes that are there. O(text).
    package init(encoded text: String) throws(HistogramFormatError) {
        let length = text.utf8.count
        guard length <= Self.maximumEncodedLength else {
            throw .tooLong(found: length, maximum: Self.maximumEncodedLength)
        }
        var outer = HistogramReader(try Self.bytes(ofBase64: text))
        try outer.expect(Self.compressedCookie, "cookie", radix: 16)
        try outer.expect(UInt32(clamping: outer.left - 4), "compressed length")
        var payload = HistogramReader(try Self.payload(&outer))
        try Self.readHeader(&payload)
        self.init()
        try readCounts(&payload)
        // Whatever else two texts of the same counts could differ in.
        guard encoded == text else { throw .notCanonical }
    }

    private static func bytes(ofBase64 text: String) throws(HistogramFormatError) -> [UInt8] {
        guard var buffer = Base64.decode(text) else { throw .notBase64 }
        let bytes = try? buffer.decode { reader throws(CodecError) in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(reader.readableBytes)
            while let byte = reader.readInteger(as: UInt8.self) { bytes.append(byte) }
            return bytes
        }
        guard let bytes else { throw .notBase64 }
        return bytes
    }

    /// What the stored blocks of a zlib stream hold.
    private static func payload(_ stream: inout HistogramReader) throws(HistogramFormatError) -> [UInt8] {
        try stream.expect(zlibHeader, "zlib header", radix: 16)
        var payload: [UInt8] = []
        var isLast = false
        while !isLast {
            let kind: UInt8 = try stream.read("block's kind")
            guard kind <= 1 else {
                throw .unexpected(what: "block's kind", found: "\(kind)", expected: "0 or 1, a stored block")
            }
            isLast = kind == 1
            let length = try stream.read("block's length", as: UInt16.self).byteSwapped
            try stream.expect((~length).byteSwapped, "block's inverted length", radix: 16)
            payload += try stream.bytes(Int(length), "block")
        }
        try stream.expect(adler32(payload), "checksum", radix: 16)
        guard stream.left == 0 else { throw .trailing(what: "compressed part", count: stream.left) }
        return payload
    }

    private static func readHeader(_ payload: inout HistogramReader) throws(HistogramFormatError) {
        try payload.expect(cookie, "payload's cookie", radix: 16)
        try payload.expect(UInt32(clamping: payload.left - 36), "length of counts")
        try payload.expect(UInt32(0), "normalizing index offset")
        try payload.expect(UInt32(3), "significant digits")
        try payload.expect(lowestNanoseconds, "lowest value")
        try payload.expect(highestNanoseconds, "highest value")
        try payload.expect((1.0).bitPattern, "ratio", radix: 16)
    }

    private mutating func readCounts(_ payload: inout HistogramReader) throws(HistogramFormatError) {
        var index = 0
        while payload.left > 0 {
            let value = try payload.signed("counts")
            let ranges = value < 0 ? value.magnitude : 1
            guard ranges <= UInt64(HistogramLayout.count - index) else {
                throw .unexpected(
                    what: "counts", found: "\(ranges) ranges after \(index)",
                    expected: "\(HistogramLayout.count) in all")
            }
            if value > 0 {
                guard value <= Int64(Self.maximumCount - count) else {
                    throw .unexpected(
                        what: "counts", found: "\(value) after \(count)",
                        expected: "at most \(Self.maximumCount) in all")
                }
                record(Int64(HistogramLayout.nanoseconds(at: index)), count: Int(value))
            }
            index += Int(ranges)
        }
    }
}

/// Reads big-endian integers, never past the end.
private struct HistogramReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var left: Int { bytes.count - position }

    mutating func bytes(_ length: Int, _ what: String) throws(HistogramFormatError) -> ArraySlice<UInt8> {
        guard length <= left else { throw .truncated(what: what) }
        defer { position += length }
        return bytes[position..<position + length]
    }

    mutating func read<Integer: FixedWidthInteger & UnsignedInteger>(
        _ what: String, as type: Integer.Type = Integer.self
    ) throws(HistogramFormatError) -> Integer {
        try bytes(Integer.bitWidth / 8, what).reduce(0) { $0 << 8 | Integer($1) }
    }

    mutating func expect<Integer: FixedWidthInteger & UnsignedInteger>(
        _ expected: Integer, _ what: String, radix: Int = 10
    ) throws(HistogramFormatError) {
        let found = try read(what, as: Integer.self)
        guard found != expected else { return }
        func spelled(_ value: Integer) -> String { (radix == 16 ? "0x" : "") + String(value, radix: radix) }
        throw .unexpected(what: what, found: spelled(found), expected: spelled(expected))
    }

    /// Zigzag LEB128 of at most eight bytes: no count that is allowed needs the ninth.
    mutating func signed(_ what: String) throws(HistogramFormatError) -> Int64 {
        var bits: UInt64 = 0
        for place in 0..<8 {
            let byte: UInt8 = try read(what)
            bits |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return Int64(bits >> 1) ^ -Int64(bits & 1) }
        }
        throw .unexpected(what: what, found: "a number of more than 56 bits", expected: "a count or a run of zeros")
    }
}
