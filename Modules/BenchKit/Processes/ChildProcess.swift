internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A process that this one started: it is reaped when it ends, it is never signalled by a number that may be somebody
/// else's by then, and it ends with this process at the latest, also where that is killed (``ProcessGuard``).
///
/// May be used from any thread. Releasing it kills it.
package final class ChildProcess: Sendable {
    private enum State {
        case running
        case ended(ProcessEnd, ProcessUsage)
    }

    package let pid: Int32
    private let state = Mutex(State.running)

    /// Starts a program with nothing to read, in a process group of its own.
    /// - Parameters:
    ///   - command: the program, a path or a name to be found in PATH, and its arguments.
    ///   - folder: its working folder.
    ///   - log: the file that its output and errors are appended to.
    /// - Throws: ``LocalError`` where the program is not found or cannot be started, or the log cannot be written.
    package convenience init(_ command: [String], folder: String, log: String) throws(LocalError) {
        guard let nothing = OwnedDescriptor.open("/dev/null", O_RDONLY) else {
            throw .notReadable(path: "/dev/null", reason: LocalFiles.reason)
        }
        guard let output = OwnedDescriptor.open(log, O_WRONLY | O_CREAT | O_APPEND) else {
            throw .notWritable(path: log, reason: LocalFiles.reason)
        }
        try self.init(
            command, folder: folder, input: nothing.number, output: output.number, errors: output.number)
    }

    /// - Parameters:
    ///   - folder: its working folder; this process's where `nil`.
    ///   - input, output, errors: open files, its streams.
    init(
        _ command: [String], folder: String?, input: Int32, output: Int32, errors: Int32
    ) throws(LocalError) {
        precondition(!command.isEmpty, "a command names a program")
        let program = try ProgramPath.find(command[0])
        pid = try Spawning.start(
            program, Array(command.dropFirst()), folder: folder, input: input, output: output, errors: errors)
        do throws(LocalError) {
            try ProcessGuard.shared.watch(pid)
        } catch {
            // Not to be left alone: its end waits for nothing.
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            state.withLock { $0 = .ended(.killed(SIGKILL), ProcessUsage()) }
            throw error
        }
    }

    /// How it ended, `nil` while it runs. Reaps it.
    package var end: ProcessEnd? {
        state.withLock { state in
            refresh(&state)
            if case .ended(let end, _) = state { return end }
            return nil
        }
    }

    package var hasEnded: Bool { end != nil }

    /// What it had used when it ended, `nil` while it runs.
    package var usage: ProcessUsage? {
        state.withLock { state in
            refresh(&state)
            if case .ended(_, let usage) = state { return usage }
            return nil
        }
    }

    /// Sends a signal.
    /// - Returns: false where the process has ended: nothing was sent.
    @discardableResult
    package func signal(_ number: Int32) -> Bool { send(number, to: pid) }

    /// Sends a signal to it and to what it started in turn, as far as that stayed in its process group.
    @discardableResult
    package func signalGroup(_ number: Int32) -> Bool { send(number, to: -pid) }

    private func send(_ number: Int32, to target: pid_t) -> Bool {
        state.withLock { state in
            refresh(&state)
            guard case .running = state else { return false }
            return kill(target, number) == 0
        }
    }

    /// Looks whether it has ended, and reaps it. Whoever holds the lock may signal it after that.
    private func refresh(_ state: inout State) {
        guard case .running = state else { return }
        // Looked at before it is taken: while it is not taken its number is nobody else's, so the guard can be told.
        var found = siginfo_t()
        let answer = waitid(P_PID, id_t(pid), &found, Int32(WEXITED | WNOHANG | WNOWAIT))
        if answer != 0, errno == EINTR { return }
        guard answer != 0 || found.si_signo == SIGCHLD else { return }
        ProcessGuard.shared.forget(pid)
        var status: Int32 = 0
        var used = rusage()
        let taken = wait4(pid, &status, 0, &used)
        state = taken == pid ? .ended(ProcessEnd(waitStatus: status), ProcessUsage(used)) : .ended(.unknown, .init())
    }

    /// Waits until it has ended; also in a task that is cancelled, since something has been started that must not stay.
    /// - Returns: how it ended, `nil` where it runs after `limit` still.
    package func waitForEnd(within limit: Duration) async -> ProcessEnd? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let end { return end }
            guard ContinuousClock.now < deadline else { return nil }
            await pauseRegardless(.milliseconds(3))
        }
    }

    /// As ``waitForEnd(within:)``, holding up the thread.
    func holdUntilEnd(before deadline: ContinuousClock.Instant) -> ProcessEnd? {
        while true {
            if let end { return end }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(1000)
        }
    }

    /// Ends it whatever state it is in: asks it to, and kills it after `grace`.
    /// - Returns: how it ended; `nil` where the system has not got rid of it five seconds after it was killed.
    @discardableResult
    package func end(grace: Duration) async -> ProcessEnd? {
        signal(SIGTERM)
        // A stopped process gets the signal when it goes on.
        signal(SIGCONT)
        if let end = await waitForEnd(within: grace) { return end }
        signal(SIGKILL)
        return await waitForEnd(within: .seconds(5))
    }

    deinit {
        guard signal(SIGKILL) else { return }
        _ = holdUntilEnd(before: ContinuousClock.now + .seconds(5))
    }
}

extension ProcessUsage {
    init(_ used: rusage) {
        cpuSeconds = [used.ru_utime, used.ru_stime].reduce(0) { sum, time in
            sum + Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
        }
        #if canImport(Darwin)
            peakResidentBytes = Int(used.ru_maxrss)
        #else
            peakResidentBytes = Int(used.ru_maxrss) << 10
        #endif
    }
}

/// Sleeps the whole time, also in a task that is cancelled, where a sleep of the task's own ends at once.
func pauseRegardless(_ duration: Duration) async {
    await Task.detached { try? await Task.sleep(for: duration) }.value
}
