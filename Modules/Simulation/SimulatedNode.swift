internal import Membership
internal import NIOCore
internal import NodeCore
internal import Replication
internal import StatorCore
internal import Storage

/// One node of a simulated cluster: the production machines on a simulated disk. What is durable survives a crash.
final class SimulatedNode {
    let index: Int
    let node: NodeID
    var blueprint: NodeBlueprint
    let disk: SimulatedDisk
    /// Counts the starts: what was scheduled in an earlier life is void.
    var life: Int32 = 0
    var isUp = false
    /// While it stops in order: until when it waits for what is under way.
    private(set) var drain: StopDrain?
    /// A paused node handles nothing; what comes in meanwhile waits.
    var isPaused = false
    var held: [SimulatedEvent] = []
    /// Where its data is on ``disk``.
    static let dataFolder = "/data"
    /// Open while the node is up.
    private(set) var folder: DataFolder?
    /// What it last knew of itself; `nil` before its first start and on an empty disk.
    private var lastIdentity: NodeIdentity?
    var clock = SimulatedClock()
    /// Counted since the simulation began.
    var inputs = 0
    /// What the machines of earlier lives have reached.
    private var reachedBefore = ReachCounts()

    var membership: MembershipMachine?
    var shards: [SimulatedShard] = []
    /// Empty between inputs; its storage is used again.
    var outbox = Outbox<MembershipMachineEffect>()
    /// Over datagrams, by the peer's index: whether messages get there.
    var reaches: [Bool]
    /// Over connections: the links of each shard, and the accepted connections in the order in which they came.
    var links: [SimulatedLinks] = []
    var accepted: [SimulatedConnection] = []
    var card: NodeCard?
    /// Its last life ended with what no sync had covered.
    private(set) var lostPower = false
    /// It went without a word, and nothing of it answers.
    var isPoweredOff = false
    /// By place: the tick, the wait for a lease, then the strategy's timers by their numbers.
    var membershipTimers: [UInt32] = []

    init(index: Int, blueprint: NodeBlueprint, nodes: Int, random: RandomGenerator) {
        self.index = index
        node = blueprint.member.node
        self.blueprint = blueprint
        // Room for a few only, so that runs meet both the recently used records and those that have to be loaded.
        self.blueprint.recordCache = min(blueprint.recordCache, .kibibytes(4))
        disk = SimulatedDisk(random: random)
        reaches = [Bool](repeating: false, count: nodes)
    }

    /// A new life: the machines are made anew from what is durable, by the steps of the production driver.
    func start(
        random: inout RandomGenerator, now: Now, identityPort: ((NodeIdentity, NodeIdentity?) -> NodeIdentity)?
    ) throws(StartError) {
        life += 1
        isUp = true
        isPoweredOff = false
        for index in reaches.indices { reaches[index] = false }
        membershipTimers = []
        let folder = try DataFolder.open(
            SimulatedNode.dataFolder, for: blueprint, disk: disk, life: random.next(),
            wallSeconds: UInt64(max(0, now.wall.microseconds / 1_000_000)))
        self.folder = folder
        // A copy: what a store is called changes nothing that is drawn later.
        var names = random
        var queues: [StoreQueue] = []
        for shard in 0..<blueprint.shards {
            queues.append(
                try SimulatedShard.openStores(of: folder, shard: shard, blueprint, random: &names))
        }
        try folder.noteStoresOpened()
        _ = folder.renewReserve()
        if let identityPort { try replaceIdentity(folder, identityPort(folder.identity, lastIdentity)) }
        let identity = folder.identity
        lastIdentity = identity
        membership = MembershipMachine(
            blueprint: blueprint, identity: identity, view: folder.firstView(of: blueprint),
            witnessed: folder.witnessed, random: random.split())
        shards = queues.enumerated().map { shard, queue in
            SimulatedShard(
                blueprint: blueprint, identity: identity, queue: queue, shard: shard, random: random.split())
        }
    }

    private func replaceIdentity(_ folder: DataFolder, _ identity: NodeIdentity) throws(StartError) {
        guard identity != folder.identity else { return }
        do {
            try folder.update { $0.identity = identity }
        } catch {
            throw .folderUnusable(SimulatedNode.dataFolder, error)
        }
    }

    func beginStopping(now: Instant) { drain = StopDrain(now: now) }

    /// Whether a node that stops may close its stores.
    func mayStop(now: Instant) -> Bool {
        switch drain?.look(areShardsIdle: shards.allSatisfy { $0.machine.isIdle }, now: now) {
        case nil, .wait: false
        case .isIdle, .isOver: true
        }
    }

    /// Stops in order: everything is durable, and the stop is recorded as clean unless a store had failed.
    func stop() {
        var failure: String?
        for shard in shards { failure = shard.close() ?? failure }
        try? folder?.noteStop(failure: failure)
        folder?.release()
    }

    /// Stops without warning.
    /// - Parameter losesPower: the disk keeps what was synced, and of the rest what chance leaves. Otherwise only the
    ///   process ends: all that it wrote is still there to be read, and as unsynced as before.
    func crash(losesPower: Bool = true) {
        isUp = false
        isPaused = false
        drain = nil
        held = []
        membership = nil
        reachedBefore = reached
        shards = []
        folder = nil
        lostPower = losesPower
        if losesPower { disk.crash() } else { disk.endProcesses() }
    }

    /// The disk is replaced by an empty one; the node keeps its name and configuration.
    func wipe() {
        precondition(!isUp, "a node is wiped while it is down")
        disk.wipe("/")
        lastIdentity = nil
    }

    /// The files of its disk are put back as they were once.
    func restore(_ saved: SimulatedDisk, under prefix: String, asCopies: Bool) {
        precondition(!isUp, "a node's files are put back while it is down")
        disk.restore(saved, under: prefix, asCopies: asCopies)
    }

    /// How often the machines of all lives reached each named branch.
    var reached: ReachCounts {
        var sum = reachedBefore
        for shard in shards { sum.add(shard.machine.probes) }
        return sum
    }

    func shard(_ index: Int) -> SimulatedShard? {
        index < shards.count ? shards[index] : nil
    }

    // MARK: Timers

    func isCurrent(_ setting: TimerPlace, _ timer: ShardTimer, shard: Int) -> Bool {
        guard isUp, life == setting.life, let shard = self.shard(shard) else { return false }
        return shard.setting(of: timer) == setting.setting
    }

    private func place(of timer: MembershipMachineTimer) -> Int {
        switch timer {
        case .tick: 0
        case .lease: 1
        case .strategy(let timer): Int(timer.number) + 2
        }
    }

    func set(_ timer: MembershipMachineTimer) -> TimerPlace {
        let place = place(of: timer)
        precondition(place < 4096, "a strategy numbers its timers from 0")
        while membershipTimers.count <= place { membershipTimers.append(0) }
        membershipTimers[place] += 1
        return TimerPlace(life: life, setting: membershipTimers[place])
    }

    func isCurrent(_ setting: TimerPlace, _ timer: MembershipMachineTimer) -> Bool {
        let place = place(of: timer)
        return isUp && life == setting.life && place < membershipTimers.count
            && membershipTimers[place] == setting.setting
    }
}
