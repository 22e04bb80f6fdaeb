internal import Hashing
internal import NIOCore

/// The file that says how far the last listed segment was durable by the last sync, ahead of the manifest.
///
/// It is written after each sync and before anybody hears of it, and is not synced itself: it survives the process, and as
/// much of a power cut as the system had written back by then. It is never ahead of the disk. It goes with one manifest, and
/// means nothing beside another.
///
///     0  magic, 8 bytes      12 segment, 4      24 sequence, 8      40 XXH3 of all before, seeded with the store's id
///     8  format version, 4   16 length, 8       32 checksum of the manifest, 8
struct DurableTail: Equatable {
    static let name = "DURABLE"
    static let magic: UInt64 = 0x5354_4154_4455_5241
    static let version: UInt32 = 1
    static let length = 48

    var segment: UInt32
    /// Bytes of the segment that are durable, header included.
    var length: Int
    /// All writes up to it are durable.
    var sequence: UInt64
    /// The last eight bytes of the manifest that it goes with.
    var manifest: UInt64

    func encoded(store: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(
            DurableTail.magic, DurableTail.version, segment, UInt64(length), sequence, manifest)
        buffer.writeInteger(XXHash.xxh3(buffer, seed: store))
        return buffer
    }
}

extension DurableTail {
    /// - Returns: `nil` where the bytes are no intact one of the store, as after a power cut.
    init?(_ bytes: ByteBuffer, store: UInt64) {
        guard let content = bytes.checked(seed: store) else { return nil }
        var fields = content
        guard
            let (magic, version, segment, length, sequence, manifest) = fields.readMultipleIntegers(
                as: (UInt64, UInt32, UInt32, UInt64, UInt64, UInt64).self),
            magic == DurableTail.magic, version == DurableTail.version, fields.readableBytes == 0
        else { return nil }
        self.init(segment: segment, length: Int(clamping: length), sequence: sequence, manifest: manifest)
    }
}

extension LogEngine {
    /// Takes what the file says into the manifest that it goes with. What it says of another one is of no use, and one that
    /// is missing says nothing.
    func readTail() throws {
        guard let found = try readFile(DurableTail.name, maximum: DurableTail.length),
            let tail = DurableTail(found.bytes, store: store.id), tail.manifest == manifest.checksum
        else { return }
        guard let place = manifest.segments.firstIndex(where: { $0.number == tail.segment }) else { return }
        manifest.segments[place].length = max(manifest.segments[place].length, tail.length)
        manifest.durableSequence = max(manifest.durableSequence, tail.sequence)
    }

    /// What the file is to say once a sync has ended; `nil` where the manifest does not list the segment, and will before
    /// anybody hears of the sync.
    func tail(after sync: LogSync) -> DurableTail? {
        guard let place = sync.segments.lastIndex(where: { manifest.segment($0.number) != nil }) else {
            return nil
        }
        return DurableTail(
            segment: sync.segments[place].number, length: sync.sizes[place], sequence: sync.sequence,
            manifest: manifest.checksum)
    }

    /// - Returns: the file, opened once; `nil` where it cannot be had, as on a full disk.
    func tailFile() -> (any DiskFile)? {
        if openTail == nil { openTail = try? disk.open("\(folder)/\(DurableTail.name)", creating: true) }
        return openTail
    }
}
