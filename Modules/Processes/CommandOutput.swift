#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a program printed that was run to its end.
package struct CommandOutput {
    /// Its exit status, or the negative number of the signal that ended it.
    package let status: Int32
    package let output: String
    package let errors: String

    private static let maximumOutput = 4 << 20

    /// Runs a program that is found in PATH. For short programs: the thread waits.
    ///
    /// - Throws: where it cannot be started or has not ended within the limit.
    package static func run(_ command: [String], within limit: Duration) throws(ProcessError) -> CommandOutput {
        let (output, errors) = (try scratchFile(), try scratchFile())
        defer {
            close(output)
            close(errors)
        }
        let pid = try Spawning.spawn(command, output: output, errors: errors)
        ProcessGuard.shared.watch(pid)
        defer { ProcessGuard.shared.forget(pid) }
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw ProcessError("\(command[0]) has not ended within \(limit.components.seconds) s")
            }
            usleep(2000)
        }
        let code =
            switch Spawning.ending(status) {
            case .exited(let code): code
            case .signalled(let signal): -signal
            }
        return CommandOutput(status: code, output: text(output), errors: text(errors))
    }

    /// A file without a name: a pipe would have to be emptied while the program runs.
    private static func scratchFile() throws(ProcessError) -> Int32 {
        guard let file = tmpfile() else { throw ProcessError("cannot make a scratch file: \(ProcessError.reason)") }
        defer { fclose(file) }
        let descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw ProcessError("cannot keep a scratch file: \(ProcessError.reason)") }
        return descriptor
    }

    private static func text(_ descriptor: Int32) -> String {
        let length = min(Int(lseek(descriptor, 0, SEEK_END)), maximumOutput)
        guard length > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: length)
        let count = pread(descriptor, &bytes, length, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
