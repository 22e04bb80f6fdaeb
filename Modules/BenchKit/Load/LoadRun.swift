internal import Checking
internal import Recording
internal import StatorCore
internal import Workload

/// A load on running nodes, from the first key written to the last answer.
///
/// In a closed loop each session sends one request after the other and latency counts from the sending; in an open one
/// requests are due whether or not a session is free, and latency counts from when they were due.
struct LoadRun: Sendable {
    let settings: LoadSettings
    private let clock = HistoryClock()

    init(_ settings: LoadSettings) {
        self.settings = settings
    }

    /// - Parameters:
    ///   - measuring: called when the measured span begins.
    ///   - progress: called ten times a second with the share of the time that has passed.
    func run(
        measuring: @escaping @Sendable () async -> Void = {},
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async -> LoadTally {
        var draws = RandomGenerator(seed: settings.seed)
        let plan = WorkloadPlan(settings.workload)
        var loaded = await load(plan, &draws)
        let loadedKeys = settings.loadsKeys ? settings.trace?.keys.count ?? settings.workload.keys : 0
        let begin = clock.now
        let measured = begin + settings.warmUp.nanoseconds
        let end = measured + settings.span.nanoseconds
        let pace = LoadPace(
            settings, begin: begin, end: end, firstID: loadedKeys, random: draws.split())
        var tally = LoadTally(span: measured..<end)
        await withTaskGroup(of: LoadTally?.self) { group in
            group.addTask {
                if await clock.pause(settings.warmUp.nanoseconds, until: end) { await measuring() }
                while await clock.pause(100_000_000, until: end) {
                    progress(Double(clock.now - begin) / Double(max(1, end - begin)))
                }
                return nil
            }
            for number in 0..<settings.workload.clients {
                let random = draws.split()
                group.addTask {
                    var session = LoadSession(
                        settings, number: number, clock: clock, pace: pace, plan: plan, random: random,
                        span: measured..<end)
                    await session.run()
                    return session.tally
                }
            }
            var left = settings.workload.clients
            for await one in group {
                guard let one else { continue }
                tally.merge(one)
                left -= 1
                // Nobody is left to wait for: the watch may go.
                if left == 0 { group.cancelAll() }
            }
        }
        for due in pace.rest() { tally.missed(due) }
        loaded.operations += tally.operations
        tally.operations = loaded.operations
        number(&tally.operations)
        return tally
    }

    private func load(_ plan: WorkloadPlan, _ draws: inout RandomGenerator) async -> LoadTally {
        let empty = 0..<Int64(0)
        var tally = LoadTally(span: empty)
        guard settings.loadsKeys else { return tally }
        let count = settings.trace?.keys.count ?? settings.workload.keys
        let pace = LoadPace(settings, begin: 0, end: .max, firstID: 0, random: draws.split())
        await withTaskGroup(of: LoadTally.self) { group in
            let workers = min(settings.workload.clients, count)
            for worker in 0..<workers {
                let random = draws.split()
                group.addTask {
                    var session = LoadSession(
                        settings, number: settings.workload.clients + worker, clock: clock, pace: pace, plan: plan,
                        random: random, span: empty)
                    await session.load(Array(stride(from: worker, to: count, by: workers)))
                    return session.tally
                }
            }
            for await one in group { tally.merge(one) }
        }
        return tally
    }

    /// Ids of their own for the whole history, in the order of the starts.
    private func number(_ operations: inout [HistoryOperation]) {
        operations.sort { ($0.start, $0.client, $0.id) < ($1.start, $1.client, $1.id) }
        for index in operations.indices { operations[index].id = index + 1 }
    }
}
