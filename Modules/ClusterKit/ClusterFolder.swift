#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where a local cluster lives: `run/` (process numbers, the supervisor's address), `logs/`, and what its nodes'
/// configurations name, all below one folder.
package struct ClusterFolder: Sendable {
    package let path: String

    /// - Parameter path: relative to the working folder.
    package init(_ path: String) throws(ClusterError) {
        guard let whole = realpath(path, nil) else { throw .failure("there is no folder \(path)") }
        defer { free(whole) }
        self.path = String(cString: whole)
    }

    var run: String { "\(path)/run" }
    var logs: String { "\(path)/logs" }
    var lock: String { "\(run)/lock" }
    /// Where the supervisor tells its address.
    var address: String { "\(run)/cluster.json" }
    package var ownLog: String { "\(logs)/cluster.log" }
    /// The files of the nodes that belong to the cluster, those that were added later too.
    var nodeList: String { "\(run)/nodes.json" }
    func pidFile(_ node: String) -> String { "\(run)/\(node).pid" }
    package func log(_ node: String) -> String { "\(logs)/\(node).log" }

    func make() throws(ClusterError) {
        try Files.makeFolder(run)
        try Files.makeFolder(logs)
    }

    /// One supervisor a folder: the lock is the process', and goes with it.
    package func claim() throws(ClusterError) -> FolderClaim {
        try make()
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .failure("cannot write \(lock): \(Files.reason)") }
        // Who only looks whether it is taken has it for a moment.
        var tries = 20
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            tries -= 1
            guard tries > 0 else {
                close(descriptor)
                throw .failure("a cluster of \(path) is being started or stopped already")
            }
            usleep(10_000)
        }
        // What an earlier supervisor that was killed left: its address may be another's by now.
        Files.remove(address)
        return FolderClaim(descriptor: descriptor, folder: self)
    }

    /// Whether a supervisor holds the lock.
    package var isLocked: Bool {
        let descriptor = open(lock, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }
}

/// A folder taken by a supervisor, until it is given back or the process ends.
package struct FolderClaim: Sendable {
    let descriptor: Int32
    let folder: ClusterFolder

    package func release() {
        Files.remove(folder.address)
        close(descriptor)
    }
}
