import NIOCore
import Storage

/// A disk that does what its base does, with another kind of file.
struct PassingDisk: Disk {
    let base: any Disk
    let wrap: @Sendable (any DiskFile) -> any DiskFile

    func createFolder(_ path: String) throws(DiskError) { try base.createFolder(path) }
    func list(_ path: String) throws(DiskError) -> [String] { try base.list(path) }
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        wrap(try base.open(path, creating: creating))
    }
    func exists(_ path: String) throws(DiskError) -> Bool { try base.exists(path) }
    func rename(_ path: String, to newPath: String) throws(DiskError) { try base.rename(path, to: newPath) }
    func remove(_ path: String) throws(DiskError) { try base.remove(path) }
    func syncFolder(_ path: String) throws(DiskError) { try base.syncFolder(path) }
    func lock(_ path: String) throws(DiskError) -> any DiskLock { try base.lock(path) }
}

/// A file that does what its base does.
///
/// Unchecked: a run is one thread's.
class PassingFile: DiskFile, @unchecked Sendable {
    let base: any DiskFile

    init(_ base: any DiskFile) {
        self.base = base
    }

    func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer { try base.read(at: offset, count: count) }
    func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError) { try base.write(bytes, at: offset) }
    func size() throws(DiskError) -> Int { try base.size() }
    func truncate(to size: Int) throws(DiskError) { try base.truncate(to: size) }
    func sync() throws(DiskError) { try base.sync() }
    func close() { base.close() }
    func origin() throws(DiskError) -> FileOrigin? { try base.origin() }
}
