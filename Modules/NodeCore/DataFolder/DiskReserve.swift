internal import NIOCore
internal import Storage

/// A file that takes up room which a start on a full disk may need: the identity has to be durable before a node does
/// anything. As much of it is given up as that needs, and taken back at once: what replaces a file leaves the room of the
/// one before.
enum DiskReserve {
    /// Many times what the files of a data folder take while they are replaced: others may be waiting for the room.
    static let bytes = 64 << 10
    /// How much is given up, and taken, at a time.
    private static let step = 4 << 10
    private static let smallestStep = 128

    private static func path(_ folder: String) -> String { "\(folder)/\(DataFolder.reserveName)" }

    /// Does something that needs little room; where there is none, again with ever less of the reserve.
    static func spending(in folder: String, disk: any Disk, _ body: () throws(DiskError) -> Void) throws(DiskError) {
        do {
            return try body()
        } catch {
            guard error.errorNumber == DiskError.noSpace, try disk.exists(path(folder)) else { throw error }
        }
        defer { try? renew(in: folder, disk: disk) }
        while true {
            let isSpent = try shrink(in: folder, disk: disk)
            do {
                return try body()
            } catch {
                guard error.errorNumber == DiskError.noSpace, !isSpent else { throw error }
            }
        }
    }

    /// - Returns: whether nothing is left.
    private static func shrink(in folder: String, disk: any Disk) throws(DiskError) -> Bool {
        let file = try disk.open(path(folder), creating: false)
        defer { file.close() }
        let size = max(try file.size() - step, 0)
        try file.truncate(to: size)
        // Some file systems give the room back once this is durable.
        try file.sync()
        return size == 0
    }

    /// Makes the reserve where it is not there or not whole, as far as there is room.
    static func renew(in folder: String, disk: any Disk) throws(DiskError) {
        let file = try disk.open(path(folder), creating: true)
        defer { file.close() }
        var size = try file.size()
        guard size < bytes else { return }
        defer {
            try? file.sync()
            try? disk.syncFolder(folder)
        }
        var count = step
        while size < bytes {
            count = min(count, bytes - size)
            do {
                try file.write(ByteBuffer(repeating: 0, count: count), at: size)
                size += count
            } catch {
                guard error.errorNumber == DiskError.noSpace, count > smallestStep else { throw error }
                count /= 2
            }
        }
    }
}
