import Foundation

/// A file system of its own under a folder, as small as a test wants it.
struct SmallDisk {
    private let path: String

    /// Whether this machine lets a test mount one.
    static let isUsable: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        defer { folder.remove() }
        guard let disk = try? SmallDisk(at: folder.path, mebibytes: 1) else { return false }
        disk.end()
        return true
    }()

    /// - Throws: where it cannot be mounted.
    init(at path: String, mebibytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SmallDisk.run("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path])
    }

    func grow(toMebibytes size: Int) throws {
        try SmallDisk.run("mount", ["-o", "remount,size=\(size)m", path])
    }

    /// Who still has files open there goes on with them.
    func end() { try? SmallDisk.run("umount", ["-l", path]) }

    private static func run(_ program: String, _ arguments: [String]) throws {
        guard let path = Binaries.system(program) else { throw HarnessError("\(program) is not installed") }
        let ended = try ChildProcess.run([path] + arguments)
        guard ended.status == 0 else { throw HarnessError("\(program) \(arguments): \(ended.errors)") }
    }
}
