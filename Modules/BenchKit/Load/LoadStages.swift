internal import Checking
internal import NIOCore
internal import NodeClient
internal import StatorCore
internal import Workload

/// What a load consists of, in order: the store is filled, then it is loaded. Both go by one clock and one plan; who
/// carries them out is another matter.
struct LoadStages {
    private let settings: LoadSettings
    private let eventLoop: any EventLoop
    private let transport: any LoadTransport
    private let clock: LoadClock
    private let plan: WorkloadPlan
    private var draws: RandomGenerator

    init(_ settings: LoadSettings, on eventLoop: any EventLoop, over transport: any LoadTransport) {
        self.settings = settings
        self.eventLoop = eventLoop
        self.transport = transport
        clock = LoadClock(of: eventLoop)
        plan = WorkloadPlan(settings.workload)
        draws = RandomGenerator(seed: settings.seed)
    }

    /// - Returns: `nil` where no key is written before.
    mutating func filling() -> LoadDriver? {
        guard settings.loadsKeys else { return nil }
        let sessions = min(LoadLimits.loadingSessions, settings.keys)
        let clients = settings.workload.clients..<(settings.workload.clients + sessions)
        return LoadDriver(
            settings, .filling, plan: plan, clients: clients, lastID: 0, clock: clock, random: draws.split(),
            on: eventLoop, over: transport)
    }

    /// - Parameters:
    ///   - filled: what became of the filling.
    ///   - measuring: called on the loop when the measured span begins.
    ///   - progress: called on the loop with the share of the time that has passed.
    mutating func load(
        after filled: LoadTally, measuring: @escaping @Sendable () -> Void = {},
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) -> LoadDriver {
        LoadDriver(
            settings, .load, plan: plan, clients: 0..<settings.workload.clients,
            lastID: filled.operations.map(\.id).max() ?? settings.keys, clock: clock, random: draws.split(),
            on: eventLoop, over: transport, measuring: measuring, progress: progress)
    }

    /// The whole load's.
    func outcome(_ load: LoadTally, of driver: LoadDriver, after filled: LoadTally) -> LoadTally {
        var tally = load
        tally.keysNotLoaded = filled.keysNotLoaded
        tally.finish(names: driver.nodes.names, addresses: settings.nodes.map(\.authority), before: filled.operations)
        return tally
    }
}
