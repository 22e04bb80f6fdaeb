internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ends what this process started when it ends without having done so, by a crash or a kill: a shell reads the numbers
/// of running processes from a pipe, and the pipe's end is this process' end.
package final class ProcessGuard: Sendable {
    package static let shared = ProcessGuard()

    static let script = """
        trap '' INT TERM HUP
        pids=' '
        while read -r verb pid; do
            case "$verb" in
            watch) pids="$pids$pid " ;;
            # One that is not in the list is forgotten already: without asking, the list would double.
            forget) case "$pids" in *" $pid "*) pids="${pids%% $pid *} ${pids#* $pid }" ;; esac ;;
            esac
        done
        for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
        """

    /// The end that is written to; negative where there is no guard.
    private let descriptor: Mutex<Int32>

    private init() {
        // Where the shell is gone, writing to it is to fail and not to end this process.
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            descriptor = Mutex(-1)
            return
        }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        descriptor = Mutex(ends[1])
        ProcessGuard.start(reading: ends[0])
        close(ends[0])
    }

    private static func start(reading end: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, end, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let words: [String] = ["/bin/sh", "-c", script]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ)
    }

    package func watch(_ pid: Int32) { tell("watch \(pid)\n") }
    package func forget(_ pid: Int32) { tell("forget \(pid)\n") }

    private func tell(_ line: String) {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            var line = line
            line.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
        }
    }
}
