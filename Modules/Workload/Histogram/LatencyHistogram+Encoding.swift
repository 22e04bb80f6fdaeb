/// HdrHistogram's compressed encoding, version 2, in Base64: `HISTFAAA...`, which the HdrHistogram libraries of other
/// languages read.
///
/// Inside is a zlib stream (RFC 1950) whose deflate blocks are stored, not compressed (RFC 1951, section 3.2.4): that
/// needs no zlib here, and the counts are compact already, runs of zeros being one number. A text has 60 characters and
/// about 1.4 for each range in use, seldom over 8 KiB, never over ``maximumEncodedLength``.
extension LatencyHistogram {
    static let compressedCookie: UInt32 = 0x1C84_9314
    static let cookie: UInt32 = 0x1C84_9313
    static let zlibHeader: UInt16 = 0x7801
    /// Of a stored block of deflate, in bytes.
    static let maximumBlock = 65_535
    /// In characters: nine bytes for each count, and less than a hundred around them.
    static let maximumEncodedLength = (9 * HistogramLayout.count + 100) * 4 / 3

    /// Equal histograms have equal texts. O(ranges).
    package var encoded: String {
        let counts = encodedCounts
        let payload = Self.header(countBytes: counts.count) + counts
        let stream = Self.stored(payload)
        return Self.base64(Self.bigEndian(Self.compressedCookie) + Self.bigEndian(UInt32(stream.count)) + stream)
    }

    /// The counts from the first range to the last in use, as signed LEB128 (zigzag); a run of zeros as minus its
    /// length.
    private var encodedCounts: [UInt8] {
        var bytes: [UInt8] = []
        var next = 0
        for (nanoseconds, count) in recorded {
            let index = HistogramLayout.index(of: nanoseconds)
            if index - next == 1 { Self.write(0, to: &bytes) }
            if index - next > 1 { Self.write(-Int64(index - next), to: &bytes) }
            Self.write(Int64(clamping: count), to: &bytes)
            next = index + 1
        }
        // An empty histogram has its first count, as Java's.
        if bytes.isEmpty { Self.write(0, to: &bytes) }
        return bytes
    }

    /// Seven bits a byte, the lowest first, but all eight bits of a ninth byte.
    private static func write(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        for _ in 0..<8 {
            guard rest >= 0x80 else { break }
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The payload's first 40 bytes.
    static func header(countBytes: Int) -> [UInt8] {
        var bytes = bigEndian(cookie)
        bytes += bigEndian(UInt32(countBytes))
        // The normalizing index offset, and the significant digits.
        bytes += bigEndian(UInt32(0)) + bigEndian(UInt32(3))
        bytes += bigEndian(lowestNanoseconds) + bigEndian(highestNanoseconds)
        // The ratio of the values to integers.
        return bytes + bigEndian((1.0).bitPattern)
    }

    /// A zlib stream that holds the bytes as they are.
    private static func stored(_ payload: [UInt8]) -> [UInt8] {
        var bytes = bigEndian(zlibHeader)
        for start in stride(from: 0, to: payload.count, by: maximumBlock) {
            let block = payload[start..<min(start + maximumBlock, payload.count)]
            let length = UInt16(block.count)
            bytes.append(block.endIndex == payload.count ? 1 : 0)
            // Of this format only the lengths are little endian.
            bytes += bigEndian(length.byteSwapped) + bigEndian((~length).byteSwapped) + block
        }
        return bytes + bigEndian(adler32(payload))
    }

    /// RFC 1950, section 8.2.
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }

    private static func bigEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// As `StatorCore.Base64`, which encodes buffers of a package that this module does not know.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for place in 0..<3 { bits = bits << 8 | UInt32(place < group.count ? group[start + place] : 0) }
            for place in 0..<4 {
                let isUsed = place <= group.count
                text.append(isUsed ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
