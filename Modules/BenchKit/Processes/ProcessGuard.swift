internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ends the processes that this one started when this one ends without having done so, by a crash or SIGKILL: a shell
/// reads their numbers from a socket, and the socket's end is this process's end.
///
/// A process is unguarded for the microseconds between its start and the message about it. The shell forgets a number
/// before the process is reaped, so it never ends a stranger that was given the number later.
final class ProcessGuard: Sendable {
    static let shared = ProcessGuard()

    private static let script = """
        trap '' INT TERM HUP QUIT
        pids=' '
        while read -r verb pid; do
            case "$verb" in
            watch) pids="$pids$pid " ;;
            forget) pids="${pids%% $pid *} ${pids#* $pid }" ;;
            esac
        done
        for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
        """

    private struct State: ~Copyable {
        var socket: OwnedDescriptor?
        var pid: pid_t = 0
        var failure = "it has not been started"
    }

    private let state = Mutex(State())

    init() {
        state.withLock { Self.start(&$0) }
    }

    /// Closing the socket ends what is watched, and then the shell.
    deinit {
        let pid = state.withLock { state in
            state.socket = nil
            return state.pid
        }
        if pid > 0 { waitpid(pid, nil, 0) }
    }

    private static func start(_ state: inout State) {
        guard let pair = OwnedDescriptor.socketPair(), let nothing = OwnedDescriptor.open("/dev/null", O_RDWR) else {
            state.failure = String(cString: strerror(errno))
            return
        }
        do throws(LocalError) {
            state.pid = try Spawning.start(
                "/bin/sh", ["-c", script], folder: "/", input: pair.second.number, output: nothing.number,
                errors: nothing.number)
            state.socket = pair.takeFirst()
        } catch {
            state.failure = "\(error)"
        }
    }

    /// - Throws: ``LocalError/noGuard(_:)`` where the shell is gone.
    func watch(_ pid: pid_t) throws(LocalError) {
        let failure: String? = state.withLock { Self.tell("watch \(pid)\n", &$0) ? nil : $0.failure }
        if let failure { throw .noGuard(failure) }
    }

    func forget(_ pid: pid_t) {
        state.withLock { _ = Self.tell("forget \(pid)\n", &$0) }
    }

    /// A line is far below what a socket takes at once.
    private static func tell(_ line: String, _ state: inout State) -> Bool {
        guard let socket = state.socket?.number else { return false }
        #if canImport(Glibc)
            let flags = Int32(MSG_NOSIGNAL.rawValue)
        #else
            let flags: Int32 = 0
        #endif
        let bytes = Array(line.utf8)
        if send(socket, bytes, bytes.count, flags) == bytes.count { return true }
        state.failure = "its shell does not listen: \(String(cString: strerror(errno)))"
        return false
    }
}
