import NIOCore
import StatorCore

/// One member's version, the member given by its index in the view of the message's summary.
struct HeartbeatEntry: Hashable, Sendable {
    /// At 20 bytes each (index 2, generation 9, heartbeat 9) so many fit the largest message.
    static let maximumPerMessage = 2049

    let index: Int
    let version: HeartbeatVersion
}

/// The encoding of entries: their count, then for each one the distance from the index before, generation and
/// heartbeat, all LEB128.
///
/// Entries are nearly all that a cluster decodes, so they go through arrays and spans rather than the buffer's own
/// integers: several times faster, and in debug builds what makes large simulated clusters bearable.
extension ByteBuffer {
    /// - Precondition: indices rise.
    mutating func writeHeartbeatEntries(_ entries: [HeartbeatEntry]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * 8 + 2)
        func append(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
        append(UInt64(entries.count))
        var next = 0
        for entry in entries {
            append(UInt64(entry.index - next))
            append(entry.version.generation)
            append(entry.version.heartbeat)
            next = entry.index + 1
        }
        writeBytes(bytes)
    }

    mutating func readHeartbeatEntries() throws(CodecError) -> [HeartbeatEntry] {
        let count = try readCount("gossip entries", maximum: HeartbeatEntry.maximumPerMessage)
        var entries: [HeartbeatEntry] = []
        entries.reserveCapacity(count)
        let read = try Self.readEntries(count, from: readableBytesUInt8Span, into: &entries)
        moveReaderIndex(forwardBy: read)
        return entries
    }

    /// - Returns: how many bytes the entries took.
    private static func readEntries(
        _ count: Int, from bytes: Span<UInt8>, into entries: inout [HeartbeatEntry]
    ) throws(CodecError) -> Int {
        var offset = 0
        var next = 0
        for _ in 0..<count {
            let distance = try varint(bytes, &offset)
            guard distance < UInt64(View.maximumMembers - next) else {
                throw .invalid(what: "entry's index", found: "\(distance) beyond \(next)")
            }
            let version = HeartbeatVersion(
                generation: try varint(bytes, &offset), heartbeat: try varint(bytes, &offset))
            guard version.isValid else { throw .invalid(what: "entry's version", found: "\(version)") }
            let index = next + Int(distance)
            entries.append(HeartbeatEntry(index: index, version: version))
            next = index + 1
        }
        return offset
    }

    /// One LEB128 integer without padding; moves `offset` behind it.
    private static func varint(_ bytes: Span<UInt8>, _ offset: inout Int) throws(CodecError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { throw .invalid(what: "entry", found: "wider than 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                if byte == 0, shift > 0 { throw .invalid(what: "entry", found: "a padded integer") }
                return value
            }
            shift += 7
        }
        throw .truncated(what: "entry")
    }
}
