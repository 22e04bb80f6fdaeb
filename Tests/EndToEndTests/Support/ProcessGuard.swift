import Foundation

/// Ends the nodes when the test's runner ends without having done so, by a crash or a kill: a shell reads the numbers of
/// running nodes from a pipe, and the pipe's end is the runner's end.
final class ProcessGuard: @unchecked Sendable {
    static let shared = ProcessGuard()

    private static let script = """
        trap '' INT TERM HUP
        pids=' '
        while read -r verb pid; do
            case "$verb" in
            watch) pids="$pids$pid " ;;
            forget) pids="${pids%% $pid *} ${pids#* $pid }" ;;
            esac
        done
        for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
        """

    private let lock = NSLock()
    private let process = Process()
    private let pipe = Pipe()

    private init() {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", ProcessGuard.script]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }

    func watch(_ pid: Int32) { tell("watch \(pid)\n") }
    func forget(_ pid: Int32) { tell("forget \(pid)\n") }

    private func tell(_ line: String) {
        lock.withLock {
            guard process.isRunning else { return }
            try? pipe.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        }
    }
}
