internal import Synchronization
internal import UnixSignals

/// Lets SIGINT and SIGTERM end the stage under way, and no more than that; the rest of the process's life long.
final class Interrupts: Sendable {
    private let cancel = Mutex<(@Sendable () -> Void)?>(nil)

    init() async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task { for await _ in signals { interrupt() } }
    }

    /// Carries out a stage; a signal cancels it.
    func stage<Outcome: Sendable>(_ body: @escaping @Sendable () async -> Outcome) async -> Outcome {
        let task = Task(operation: body)
        cancel.withLock { $0 = { task.cancel() } }
        return await task.value
    }

    private func interrupt() {
        cancel.withLock { $0 }?()
    }
}
