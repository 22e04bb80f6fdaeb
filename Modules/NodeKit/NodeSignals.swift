internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What signals do to a node.
///
/// | signal | a node |
/// |---|---|
/// | SIGTERM, SIGINT | stops in order |
/// | SIGHUP | with a log file opens it anew; without one stops in order, as its terminal has gone |
/// | SIGUSR1, SIGUSR2 | goes on: their default would end it without a stop in order |
///
/// Without a log file a SIGHUP that was ignored when the node was started, as `nohup` has it, stays ignored.
struct NodeSignals {
    let stopping: [UnixSignal]

    /// Sets for the whole process what the signals do that nobody waits for.
    init(hasLogFile: Bool) {
        signal(SIGUSR1, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
        if hasLogFile {
            // Ignored signals are not delivered to whom waits for them.
            signal(SIGHUP, SIG_DFL)
            stopping = [.sigterm, .sigint]
        } else {
            stopping = [.sigterm, .sigint] + (NodeSignals.ignoresHangup ? [] : [.sighup])
        }
    }

    private static var ignoresHangup: Bool {
        // The only way to ask without changing it; nobody else starts or ends anything yet.
        let before = signal(SIGHUP, SIG_IGN)
        signal(SIGHUP, before)
        return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Opens the log file anew at each SIGHUP.
struct LogReopening: Service {
    let file: LogFile
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do throws(LogFileError) {
                try file.reopen()
                logger.notice("the log file was opened anew")
            } catch {
                logger.error("\(error); the log goes on in the file that was open")
            }
        }
    }
}
