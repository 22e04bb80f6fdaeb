internal import Hashing
internal import NIOCore
internal import StatorCore
internal import Storage

/// Small files that are replaced as a whole: four bytes that name the kind, a format number, the content, a checksum
/// (XXH3) over all before it.
enum SealedFile {
    static func seal(_ content: ByteBuffer, kind: String, format: UInt8) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeString(kind)
        bytes.writeInteger(format)
        bytes.writeImmutableBuffer(content)
        bytes.writeInteger(XXHash.xxh3(bytes))
        return bytes
    }

    /// The format of an intact file of the kind, whatever its content.
    static func format(of bytes: ByteBuffer, kind: String) -> UInt8? {
        guard bytes.readableBytes >= kind.utf8.count + 1 + 8,
            bytes.getString(at: bytes.readerIndex, length: kind.utf8.count) == kind,
            let sealed = bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes - 8),
            bytes.getInteger(at: bytes.writerIndex - 8, as: UInt64.self) == XXHash.xxh3(sealed)
        else { return nil }
        return bytes.getInteger(at: bytes.readerIndex + kind.utf8.count, as: UInt8.self)
    }

    static func open(_ bytes: ByteBuffer, kind: String, format: UInt8) throws(CodecError) -> ByteBuffer {
        let overhead = kind.utf8.count + 1 + 8
        guard bytes.readableBytes >= overhead else { throw .truncated(what: "the file") }
        var rest = bytes
        guard let sealed = rest.readSlice(length: bytes.readableBytes - 8) else { throw .truncated(what: "the file") }
        let checksum = try rest.readFixed("checksum", as: UInt64.self)
        var content = sealed
        let foundKind = content.readString(length: kind.utf8.count)
        guard foundKind == kind else { throw .invalid(what: "its kind", found: "'\(foundKind ?? "")'") }
        guard XXHash.xxh3(sealed) == checksum else { throw .invalid(what: "its checksum", found: "another") }
        let foundFormat = try content.readFixed("format", as: UInt8.self)
        guard foundFormat == format else { throw .invalid(what: "its format", found: "\(foundFormat), only \(format)") }
        return content
    }

    /// Replaces the file durably: a crash leaves the old one or the new one. Blocks.
    static func write(_ bytes: ByteBuffer, to name: String, in folder: String, disk: any Disk) throws(DiskError) {
        try write(to: name, in: folder, disk: disk) { _ in bytes }
    }

    /// The same for bytes that say which file they are in. Blocks.
    static func write(
        to name: String, in folder: String, disk: any Disk, _ content: (FileOrigin?) -> ByteBuffer
    ) throws(DiskError) {
        let path = "\(folder)/\(name)"
        let temporary = path + ".new"
        let file = try disk.open(temporary, creating: true)
        do {
            try file.truncate(to: 0)
            try file.write(content(try file.origin()), at: 0)
            try file.sync()
        } catch {
            file.close()
            try? disk.remove(temporary)
            throw error
        }
        file.close()
        try disk.rename(temporary, to: path)
        try disk.syncFolder(folder)
    }

    /// - Returns: `nil` where there is no such file.
    static func read(_ name: String, in folder: String, disk: any Disk) throws(DiskError) -> ByteBuffer? {
        try readWithOrigin(name, in: folder, disk: disk)?.bytes
    }

    /// The same with which file it is.
    static func readWithOrigin(
        _ name: String, in folder: String, disk: any Disk
    ) throws(DiskError) -> (bytes: ByteBuffer, origin: FileOrigin?)? {
        let path = "\(folder)/\(name)"
        guard try disk.exists(path) else { return nil }
        let file = try disk.open(path, creating: false)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: min(try file.size(), NodeCoreLimits.maximumSealedFile))
        return (bytes, try file.origin())
    }
}
