internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program that this one started: in a process group of its own, so that Ctrl-C at the terminal does not reach it, and
/// ended with this process at the latest.
package final class ChildProcess: Sendable {
    /// How a process came to its end.
    package enum Ending: Hashable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        package var description: String {
            switch self {
            case .exited(let status): "it ended with status \(status)"
            case .signalled(let signal): "it was ended by signal \(signal)"
            }
        }
    }

    package let pid: Int32
    private let end = Mutex<End?>(nil)

    private struct End {
        let ending: Ending
        let processorSeconds: Double
    }

    /// - Parameters:
    ///   - command: the program's path, and its arguments.
    ///   - log: where standard output and error are appended.
    ///   - outlivesParent: it goes on when this process ends, in a session of its own.
    /// - Throws: where it cannot be started.
    package init(_ command: [String], log: String, outlivesParent: Bool = false) throws(ProcessError) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw ProcessError("cannot write \(log): \(ProcessError.reason)") }
        defer { close(output) }
        pid = try Spawning.spawn(command, output: output, errors: output, inNewSession: outlivesParent)
        if !outlivesParent { ProcessGuard.shared.watch(pid) }
    }

    /// How it ended; `nil` while it runs. Reaps it.
    package var hasEnded: Ending? {
        end.withLock { end in
            if let end { return end.ending }
            var status: Int32 = 0
            var usage = rusage()
            guard wait4(pid, &status, WNOHANG, &usage) == pid else { return nil }
            let ending = Spawning.ending(status)
            end = End(ending: ending, processorSeconds: usage.ru_utime.seconds + usage.ru_stime.seconds)
            ProcessGuard.shared.forget(pid)
            return ending
        }
    }

    /// What it has used by now, or had used when it ended; `nil` where the system does not say.
    package var figures: ProcessFigures? {
        guard hasEnded != nil else { return ProcessFigures.of(pid) }
        return end.withLock { $0.map { ProcessFigures(processorSeconds: $0.processorSeconds) } }
    }

    /// Does nothing where it has ended: its number may be another's by now.
    package func signal(_ number: Int32) {
        end.withLock { end in
            guard end == nil else { return }
            kill(pid, number)
        }
    }

    /// - Returns: how it ended; `nil` where it has not within the limit.
    package func end(within limit: Duration) async -> Ending? {
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
    /// `POSIX_SPAWN_SETSID`, which the headers show to programs with GNU's extensions only.
    private static let newSession: Int32 = 0x80

    /// - Parameter command: a path or a name to be found in PATH, and arguments.
    static func spawn(
        _ command: [String], output: Int32, errors: Int32, inNewSession: Bool = false
    ) throws(ProcessError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // Who waits for the end of a pipe or socket of ours must not wait for the end of what we started.
        for inherited in openDescriptors() where inherited > 2 {
            posix_spawn_file_actions_addclose(&actions, inherited)
        }
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
        let group = inNewSession ? newSession : Int32(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(
            &attributes, Int16(group | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, environ)
        guard status == 0 else {
            throw ProcessError("cannot start \(command[0]): \(String(cString: strerror(status)))")
        }
        return pid
    }

    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var found: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = Int32(name) { found.append(descriptor) }
        }
        return found
    }

    static func ending(_ status: Int32) -> ChildProcess.Ending {
        status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
