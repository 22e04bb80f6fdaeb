internal import NIOCore
internal import Replication
internal import StatorCore
internal import Storage

/// The file in a store's folder that says which start opened the store last: its number, and which file it is.
///
/// The identity of the node knows the same. A store that was moved away and moved back, that was copied, or whose volume was
/// put back from a snapshot of its own, says something else, whatever its engine: what it was given meanwhile is not there.
enum StoreOpening {
    static let name = "opened"
    static let kind = "STOP"
    static let format: UInt8 = 1

    /// Durable when it returns. Blocks.
    static func write(_ life: UInt64, in folder: String, disk: any Disk) throws(DiskError) {
        try SealedFile.write(to: name, in: folder, disk: disk) { origin in
            var content = ByteBuffer()
            content.writeInteger(life)
            content.writeOrigin(origin)
            return SealedFile.seal(content, kind: kind, format: format)
        }
    }

    /// Compares the file with the starts that may have opened the store last. Blocks.
    /// - Returns: `nil` where nothing took the store's place since. A store that is gone is found by its engine too, which
    ///   knows more of it.
    static func doubt(
        of store: StoreName, in folder: String, disk: any Disk, known: [UInt64]
    ) throws(DiskError) -> Doubt? {
        guard let found = try SealedFile.readWithOrigin(name, in: folder, disk: disk) else {
            return Doubt(.restored, "its \(store) do not say when they were opened last")
        }
        guard let (life, written) = try? decode(found.bytes) else {
            return Doubt(.damaged, "the file '\(name)' of its \(store) is damaged")
        }
        if let written, let read = found.origin, written != read {
            return Doubt(.restored, "its \(store) are a copy, or were put back from one")
        }
        if known.contains(life) { return nil }
        return Doubt(.restored, "its \(store) were put back: they missed a start of the node")
    }

    private static func decode(_ bytes: ByteBuffer) throws(CodecError) -> (life: UInt64, origin: FileOrigin?) {
        var content = try SealedFile.open(bytes, kind: kind, format: format)
        let life = try content.readFixed("a start's number", as: UInt64.self)
        let origin = try content.readOrigin()
        try content.expectEnd("the file")
        return (life, origin)
    }
}

extension ByteBuffer {
    /// Which file it is that these bytes are written to.
    mutating func writeOrigin(_ origin: FileOrigin?) {
        writeBoolean(origin != nil)
        if let origin { writeMultipleIntegers(origin.inode, origin.birth) }
    }

    mutating func readOrigin() throws(CodecError) -> FileOrigin? {
        guard try readBoolean("origin flag") else { return nil }
        return FileOrigin(
            inode: try readFixed("inode", as: UInt64.self), birth: try readFixed("birth", as: Int64.self))
    }
}
