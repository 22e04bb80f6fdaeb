internal import Checking
internal import StatorCore

/// Records what client sessions of running nodes ask and are told.
///
/// In order: ``prepare()``, ``work()``, ``settle()``, ``readFinally(_:)``. Cancelling the task ends a stage early and
/// keeps what was recorded. Times of all stages are of one clock, which starts with the recorder.
package struct Recorder: Sendable {
    package let settings: RecordingSettings
    private let clock = HistoryClock()

    /// - Precondition: the settings have no problems.
    package init(_ settings: RecordingSettings) {
        precondition(settings.problems().isEmpty, "settings within their ranges")
        self.settings = settings
    }

    /// Sees that some node answers and that the keys are new: a history that does not hold all writes to its keys
    /// cannot be checked.
    package func prepare() async throws(RecordingFailure) {
        let sweep = KeySweep(
            settings: settings, clock: clock, isFinal: false, rounds: RecordingLimits.preparingRounds, end: .max)
        let reads = await sweep.run((0..<settings.keys).map(settings.key), firstID: 0).reads
        if let used = reads.first(where: { $0.outcome == .ok && ($0.resultContext != nil || !$0.values.isEmpty) }) {
            throw .keyInUse(used.key)
        }
        // Keys that cannot be read now may be later.
        guard reads.contains(where: { $0.outcome == .ok }) else {
            throw .nobodyAnswers(reads.last?.error ?? "the wait was ended")
        }
    }

    /// Lets the clients work.
    package func work() async -> RecordedHistory {
        let budget = OperationBudget(settings.operations)
        let begun = clock.now
        let end = begun + settings.duration.nanoseconds
        var names = NodeNames()
        var operations: [HistoryOperation] = []
        var draws = RandomGenerator(seed: settings.seed)
        await withTaskGroup(of: RecordingSession.self) { group in
            for number in 0..<settings.clients {
                let random = draws.split()
                group.addTask {
                    var session = RecordingSession(
                        settings, number: number, random: random, clock: clock, budget: budget, end: end)
                    await session.run()
                    return session
                }
            }
            for await session in group {
                operations += session.operations
                names.add(NodeNames(session.nodes, settings))
            }
        }
        names.apply(to: &operations)
        operations.sort { $0.id < $1.id }
        return RecordedHistory(history: History(operations), elapsed: .nanoseconds(clock.now - begun))
    }

    /// Waits until the nodes are ready and have delivered their hints, for half of the final duration at most.
    /// - Returns: what every node that has not settled says, empty where all have.
    package func settle() async -> [String] {
        let end = clock.now + settings.finalDuration.nanoseconds / 2
        return await Settling(settings: settings, clock: clock, end: end).run()
    }

    /// Adds a read of all replicas of every key that was used, tried until it is answered, for half of the final
    /// duration at most.
    package func readFinally(_ recording: RecordedHistory) async -> RecordedHistory {
        var recording = recording
        let keys = Set(recording.history.operations.map(\.key)).sorted()
        let end = clock.now + settings.finalDuration.nanoseconds / 2
        let sweep = KeySweep(
            settings: settings, clock: clock, isFinal: true, rounds: RecordingLimits.finalRounds, end: end)
        let firstID = (recording.history.operations.last?.id ?? 0) + 1
        var (reads, names) = await sweep.run(keys, firstID: firstID)
        names.apply(to: &reads)
        recording.history.operations += reads
        recording.usedKeys = keys.count
        return recording
    }
}
