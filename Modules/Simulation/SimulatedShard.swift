internal import NodeCore
internal import Replication
internal import StatorCore
internal import Storage

/// One shard of a simulated node: its machine, and its stores behind the production queue.
final class SimulatedShard {
    let index: Int
    var machine: ShardMachine
    /// Empty between inputs; its storage is used again.
    var outbox = Outbox<ShardEffect>()
    let queue: StoreQueue
    let isMemoryResident: Bool
    let durability: DurabilitySettings
    /// Commands of this turn.
    var intake = StoreIntake()
    var threads = SimulatedStoreThreads()
    /// How often each timer was set.
    private var timers = InlineArray<6, UInt32>(repeating: 0)

    /// - Parameter queue: the shard's stores, which ``openStores(of:shard:_:random:)`` has opened.
    init(
        blueprint: NodeBlueprint, identity: NodeIdentity, queue: StoreQueue, shard: Int, random: RandomGenerator
    ) {
        index = shard
        durability = blueprint.durability
        self.queue = queue
        isMemoryResident = queue.isMemoryResident
        machine = ShardMachine(
            blueprint: blueprint, shard: shard, identity: identity, random: random, resident: queue.resident)
    }

    static func openStores(
        of folder: DataFolder, shard: Int, _ blueprint: NodeBlueprint, random: inout RandomGenerator
    ) throws(StartError) -> StoreQueue {
        StoreQueue(
            records: try folder.openEngine(.records, shard: shard, for: blueprint, newStoreID: random.next()),
            hints: try folder.openEngine(.hints, shard: shard, for: blueprint, newStoreID: random.next()),
            mode: blueprint.durability.mode)
    }

    var records: any StorageEngine { queue.engine(.records) }
    var hints: any StorageEngine { queue.engine(.hints) }

    // MARK: Timers

    private static func place(of timer: ShardTimer) -> Int {
        switch timer {
        case .tick: 0
        case .hintDelivery: 1
        case .antiEntropy: 2
        case .transfer: 3
        case .handOver: 4
        case .clocks: 5
        }
    }

    func set(_ timer: ShardTimer, life: Int32) -> TimerPlace {
        let place = SimulatedShard.place(of: timer)
        timers[place] += 1
        return TimerPlace(life: life, setting: timers[place])
    }

    func setting(of timer: ShardTimer) -> UInt32 { timers[SimulatedShard.place(of: timer)] }

    // MARK: The end

    /// Makes everything durable and ends the engines, as a node that stops in order.
    /// - Returns: why an engine does not write or sync now, or could not be ended.
    func close() -> String? {
        var jobs = threads.takeJobs()
        if intake.hasStaged { jobs.append(.commands(intake.takeStaged())) }
        intake.close()
        if let outcome = threads.endRound() { jobs.append(.synced(outcome)) }
        let step = queue.carryOut(jobs + [.close])
        if let round = step.round { _ = queue.carryOut([.synced(round.run())]) }
        return queue.closingFailure
    }
}

/// The two storage threads of a shard in virtual time: one carries jobs out, the other may sync meanwhile.
struct SimulatedStoreThreads {
    private var jobs: [StoreJob] = []
    /// A thread is carrying jobs out; it looks for more when it is done.
    var isDraining = false
    /// What that thread will report.
    var step: StoreStep?
    private var round: StoreSync?
    /// The disk was done early with the round, and says so later.
    private var outcome: StoreSyncOutcome?
    var isSyncPlanned = false
    var isMaintenancePlanned = false
    /// Which store a write that is watched went to.
    var watched: [UInt64: StoreName] = [:]

    var hasJobs: Bool { !jobs.isEmpty }

    mutating func add(_ job: StoreJob) { jobs.append(job) }

    mutating func takeJobs() -> [StoreJob] {
        var taken: [StoreJob] = []
        swap(&taken, &jobs)
        return taken
    }

    /// - Parameter isEarly: whether the disk makes it durable now rather than at the end of the time that it takes: what
    ///   a crash in between leaves differs.
    mutating func begin(_ round: StoreSync, isEarly: Bool) {
        self.round = round
        outcome = isEarly ? round.run() : nil
    }

    /// - Returns: how the round under way ended; `nil` where there is none.
    mutating func endRound() -> StoreSyncOutcome? {
        guard let round else { return nil }
        let ended = outcome ?? round.run()
        self.round = nil
        outcome = nil
        return ended
    }
}
