internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program that this one started: in a process group of its own, so that Ctrl-C at the terminal does not reach it, and
/// ended with this process at the latest.
final class ChildProcess: Sendable {
    /// How a process came to its end.
    enum Ending: Hashable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        var description: String {
            switch self {
            case .exited(let status): "it ended with status \(status)"
            case .signalled(let signal): "it was ended by signal \(signal)"
            }
        }
    }

    let pid: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - command: the program's path, and its arguments.
    ///   - log: where standard output and error are appended.
    /// - Throws: where it cannot be started.
    init(_ command: [String], log: String) throws(BenchError) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw .failure("cannot write \(log): \(TextFile.reason)") }
        defer { close(output) }
        pid = try Spawning.spawn(command, output: output, errors: output)
        ProcessGuard.shared.watch(pid)
    }

    /// How it ended; `nil` while it runs. Reaps it.
    var hasEnded: Ending? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            ending = Spawning.ending(status)
            ProcessGuard.shared.forget(pid)
            return ending
        }
    }

    /// Does nothing where it has ended: its number may be another's by now.
    func signal(_ number: Int32) {
        ending.withLock { ending in
            guard ending == nil else { return }
            kill(pid, number)
        }
    }

    /// - Returns: how it ended; `nil` where it has not within the limit.
    func end(within limit: Duration) async -> Ending? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let ending = hasEnded { return ending }
            guard ContinuousClock.now < deadline else { return nil }
            // A task that was cancelled cannot sleep, but what was started has to be ended all the same.
            do { try await Task.sleep(for: .milliseconds(5)) } catch { usleep(5000) }
        }
    }
}

/// Starting processes without a shell.
enum Spawning {
    /// - Parameter command: a path or a name to be found in PATH, and arguments.
    static func spawn(_ command: [String], output: Int32, errors: Int32) throws(BenchError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, environ)
        guard status == 0 else {
            throw .failure("cannot start \(command[0]): \(String(cString: strerror(status)))")
        }
        return pid
    }

    static func ending(_ status: Int32) -> ChildProcess.Ending {
        status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
    }
}
