public import NIOCore

/// The filesystem as a port: POSIX in production, faulty in simulation. Paths are absolute or relative to the process.
///
/// Calls block; they are made on a storage thread.
public protocol Disk: Sendable {
    func createFolder(_ path: String) throws(DiskError)

    /// The names in a folder, sorted; empty where there is no such folder.
    func list(_ path: String) throws(DiskError) -> [String]

    /// Opens a file for reading and writing, creating it where `creating` and there is none.
    /// - Throws: ``DiskError`` with `ENOENT` where there is none and `creating` is false.
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile

    func exists(_ path: String) throws(DiskError) -> Bool

    /// Atomically gives a file another name, replacing what has it. Durable after ``syncFolder(_:)``.
    func rename(_ path: String, to newPath: String) throws(DiskError)

    /// Removes a file, or a folder with all that is in it. Removing what is not there is fine.
    func remove(_ path: String) throws(DiskError)

    /// Makes creations, renames and removals in a folder durable.
    func syncFolder(_ path: String) throws(DiskError)

    /// Takes an exclusive lock that ends with the process at the latest.
    /// - Throws: ``DiskError`` with `EWOULDBLOCK` where another process holds it.
    func lock(_ path: String) throws(DiskError) -> any DiskLock
}

/// An open file. Reads and one writer's appends may come from different threads.
public protocol DiskFile: AnyObject, Sendable {
    /// Reads exactly `count` bytes, or fewer where the file ends.
    func read(at offset: Int, count: Int) throws(DiskError) -> ByteBuffer
    /// Writes all readable bytes.
    func write(_ bytes: ByteBuffer, at offset: Int) throws(DiskError)
    func size() throws(DiskError) -> Int
    func truncate(to size: Int) throws(DiskError)
    /// Makes all written bytes durable (fdatasync).
    func sync() throws(DiskError)
    /// Closing twice is fine.
    func close()
    /// Which file it is; `nil` where the file system does not tell.
    func origin() throws(DiskError) -> FileOrigin?
}

/// Which file a file is, whatever its name and content: a copy, also one that takes its place, is another.
///
/// No device number is part of it: that may change when a machine starts again.
public struct FileOrigin: Hashable, Sendable {
    public let inode: UInt64
    /// When the file was made, in nanoseconds.
    public let birth: Int64

    public init(inode: UInt64, birth: Int64) {
        self.inode = inode
        self.birth = birth
    }
}

public protocol DiskLock: AnyObject, Sendable {
    /// Releases the lock and removes its file. Releasing twice is fine.
    func release()
}

/// A failed call on the disk: what was tried, on which path, and the system's error number.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    public let operation: String
    public let path: String
    public let errorNumber: Int32
    /// The system's text for the error number.
    public let reason: String

    public init(operation: String, path: String, errorNumber: Int32, reason: String) {
        self.operation = operation
        self.path = path
        self.errorNumber = errorNumber
        self.reason = reason
    }

    public var description: String { "cannot \(operation) \(path): \(reason)" }

    /// `ENOSPC`: the disk is full.
    package static let noSpace: Int32 = 28

    /// `EAGAIN`, which is also `EWOULDBLOCK`: somebody else holds the lock, or a queue is full for the moment.
    #if os(Linux)
        package static let tryAgain: Int32 = 11
    #else
        package static let tryAgain: Int32 = 35
    #endif
}
