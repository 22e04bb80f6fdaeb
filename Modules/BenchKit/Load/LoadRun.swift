internal import Checking
internal import NIOCore
internal import NIOPosix
internal import NodeClient
internal import StatorCore
internal import Workload

/// A load on running nodes, from the first key written to the last answer.
///
/// In a closed loop each session sends one request after the other and latency counts from the sending; in an open one
/// requests are due whether or not a session is free, and latency counts from when they were due.
///
/// It takes one thread. Cancelling the task ends it within a second, with what there is.
struct LoadRun: Sendable {
    let settings: LoadSettings
    private let clock = LoadClock()

    /// - Precondition: at least one node, and settings of the workload without problems.
    init(_ settings: LoadSettings) {
        self.settings = settings
    }

    /// - Parameters:
    ///   - measuring: called when the measured span begins; the load goes on meanwhile.
    ///   - progress: called ten times a second with the share of the time that has passed.
    func run(
        measuring: @escaping @Sendable () async -> Void = {},
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async -> LoadTally {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var draws = RandomGenerator(seed: settings.seed)
        let plan = WorkloadPlan(settings.workload)
        var filled = LoadTally(span: 0..<0)
        if settings.loadsKeys {
            let sessions = min(LoadLimits.loadingSessions, settings.keys)
            let clients = settings.workload.clients..<(settings.workload.clients + sessions)
            let driver = LoadDriver(
                settings, .filling, plan: plan, clients: clients, lastID: 0, clock: clock, random: draws.split(),
                on: group.next())
            filled = await carryOut(driver)
        }
        let (began, signal) = AsyncStream.makeStream(of: Void.self)
        let driver = LoadDriver(
            settings, .load, plan: plan, clients: 0..<settings.workload.clients,
            lastID: filled.operations.map(\.id).max() ?? settings.keys, clock: clock, random: draws.split(),
            on: group.next(), measuring: { signal.yield() }, progress: progress)
        let load = await withTaskGroup(of: LoadTally?.self) { group in
            group.addTask {
                for await _ in began { await measuring() }
                return nil
            }
            group.addTask {
                defer { signal.finish() }
                return await carryOut(driver)
            }
            var load: LoadTally?
            for await one in group { if let one { load = one } }
            return load
        }
        var tally = load ?? LoadTally(span: 0..<0)
        tally.keysNotLoaded = filled.keysNotLoaded
        tally.finish(names: driver.nodes.names, addresses: settings.nodes.map(\.authority), before: filled.operations)
        try? await group.shutdownGracefully()
        return tally
    }

    private func carryOut(_ driver: LoadDriver) async -> LoadTally {
        await withTaskCancellationHandler {
            await driver.run()
        } onCancel: {
            driver.cancel()
        }
    }
}
