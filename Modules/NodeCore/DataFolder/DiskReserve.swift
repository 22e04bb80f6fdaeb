internal import NIOCore
internal import Storage

/// A file that takes up room which a start on a full disk may need: the identity has to be durable before a node does
/// anything. It is given up for that, and made again when there is room.
enum DiskReserve {
    /// Some times what the files of a data folder take while they are replaced.
    static let bytes = 64 << 10

    private static func path(_ folder: String) -> String { "\(folder)/\(DataFolder.reserveName)" }

    /// Does something that needs little room; once more without the reserve where there is none.
    static func spending(in folder: String, disk: any Disk, _ body: () throws(DiskError) -> Void) throws(DiskError) {
        do {
            try body()
        } catch {
            guard error.errorNumber == DiskError.noSpace, try disk.exists(path(folder)) else { throw error }
            try disk.remove(path(folder))
            try disk.syncFolder(folder)
            try body()
        }
    }

    /// Makes the reserve where it is not there or not whole.
    static func renew(in folder: String, disk: any Disk) throws(DiskError) {
        let file = try disk.open(path(folder), creating: true)
        defer { file.close() }
        let size = try file.size()
        guard size < bytes else { return }
        try file.write(ByteBuffer(repeating: 0, count: bytes - size), at: size)
        try file.sync()
    }
}
