internal import Membership
internal import NIOCore
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
    /// A paused node handles nothing; what comes in meanwhile waits.
    var isPaused = false
    var held: [SimulatedEvent] = []
    /// What the node remembers of itself; durable.
    var identity: NodeIdentity?
    var isCleanlyStopped = false
    var view: View
    var clock = SimulatedClock()
    /// Counted since the simulation began.
    var inputs = 0

    var membership: MembershipMachine?
    var shards: [SimulatedShard] = []
    /// Empty between inputs; its storage is used again.
    var outbox = Outbox<MembershipMachineEffect>()
    /// By the peer's index.
    var links: [Bool]
    /// By the number of a strategy's timer; the tick is the last.
    var membershipTimers: [UInt32] = []

    init(index: Int, blueprint: NodeBlueprint, nodes: Int, random: RandomGenerator) {
        self.index = index
        node = blueprint.member.node
        self.blueprint = blueprint
        // Room for a few only, so that runs meet both the records of late and those that have to be loaded.
        self.blueprint.recordCache = min(blueprint.recordCache, .kibibytes(4))
        disk = SimulatedDisk(random: random)
        links = [Bool](repeating: false, count: nodes)
        view = View(epoch: Epoch(1), members: blueprint.initialMembers)
    }

    /// A new life: the machines are made anew from what is durable.
    func start(random: inout RandomGenerator, identityPort: ((NodeIdentity, NodeIdentity?) -> NodeIdentity)?)
        throws(StorageError)
    {
        life += 1
        isUp = true
        for index in links.indices { links[index] = false }
        membershipTimers = []
        var next = nextIdentity(random: &random)
        if let identityPort { next = identityPort(next, identity) }
        isCleanlyStopped = false
        identity = next
        membership = MembershipMachine(blueprint: blueprint, identity: next, view: view, random: random.split())
        shards = try makeShards(next, random: &random)
    }

    private func makeShards(
        _ identity: NodeIdentity, random: inout RandomGenerator
    ) throws(StorageError) -> [SimulatedShard] {
        var made: [SimulatedShard] = []
        for shard in 0..<blueprint.shards {
            made.append(
                try SimulatedShard(
                    blueprint: blueprint, identity: identity, disk: disk, shard: shard, random: random.split()))
        }
        return made
    }

    /// As the production driver makes it from its data folder: a new incarnation unless the last stop was clean, and
    /// recovering where the records are gone.
    private func nextIdentity(random: inout RandomGenerator) -> NodeIdentity {
        let lost = (0..<blueprint.shards).map { shard in
            identity == nil || ((try? disk.list(SimulatedShard.recordsFolder(shard))) ?? []).isEmpty
        }
        var next = NodeIdentity(
            incarnation: random.next(), dotsIssued: [UInt64](repeating: 0, count: blueprint.shards),
            generation: (identity?.generation ?? 0) + 1, isRecovering: lost)
        if let identity {
            for shard in lost.indices where identity.isRecovering[shard] { next.isRecovering[shard] = true }
            if isCleanlyStopped, !lost.contains(true) {
                next.incarnation = identity.incarnation
                next.dotsIssued = identity.dotsIssued
            }
        }
        return next
    }

    /// Stops without warning: the disk keeps what was synced, and of the rest what chance leaves.
    func crash() {
        isUp = false
        isPaused = false
        held = []
        membership = nil
        shards = []
        disk.crash()
    }

    /// The disk is replaced by an empty one; the node keeps its name and configuration.
    func wipe() {
        precondition(!isUp, "a node is wiped while it is down")
        disk.wipe("/")
        identity = nil
        view = View(epoch: Epoch(1), members: blueprint.initialMembers)
    }

    func shard(_ index: Int) -> SimulatedShard? {
        index < shards.count ? shards[index] : nil
    }

    // MARK: Timers

    func isCurrent(_ setting: TimerPlace, _ timer: ShardTimer, shard: Int) -> Bool {
        guard isUp, life == setting.life, let shard = self.shard(shard) else { return false }
        return shard.timers[SimulatedShard.place(of: timer)] == setting.setting
    }

    private func place(of timer: MembershipMachineTimer) -> Int {
        switch timer {
        case .tick: 0
        case .strategy(let timer): Int(timer.number) + 1
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

/// One shard of a simulated node: its machine and its two engines.
final class SimulatedShard {
    let index: Int
    var machine: ShardMachine
    /// Empty between inputs; its storage is used again.
    var outbox = Outbox<ShardEffect>()
    let records: any StorageEngine
    let hints: any StorageEngine
    let isMemoryResident: Bool
    /// What the machine calls itself, where both stores are in memory: as in production.
    let resident: SimulatedStores?
    let durability: DurabilitySettings
    private let groups = [SyncGroup(), SyncGroup()]
    /// How often each timer was set.
    var timers = InlineArray<5, UInt32>(repeating: 0)

    init(
        blueprint: NodeBlueprint, identity: NodeIdentity, disk: SimulatedDisk, shard: Int, random: RandomGenerator
    ) throws(StorageError) {
        index = shard
        records = try blueprint.makeStorage(
            StorageEnvironment(disk: disk, folder: SimulatedShard.recordsFolder(shard)))
        hints = try blueprint.makeStorage(StorageEnvironment(disk: disk, folder: "/shard-\(shard)/hints"))
        isMemoryResident = records.isMemoryResident
        durability = blueprint.durability
        let isCalled = records.isMemoryResident && hints.isMemoryResident && durability.mode != .groupCommit
        resident = isCalled ? SimulatedStores(records: records, hints: hints) : nil
        machine = ShardMachine(
            blueprint: blueprint, shard: shard, identity: identity, random: random, resident: resident)
    }

    static func recordsFolder(_ shard: Int) -> String { "/shard-\(shard)/records" }

    static func place(of timer: ShardTimer) -> Int {
        switch timer {
        case .tick: 0
        case .hintDelivery: 1
        case .antiEntropy: 2
        case .transfer: 3
        case .dropUnowned: 4
        }
    }

    func set(_ timer: ShardTimer, life: Int32) -> TimerPlace {
        let place = SimulatedShard.place(of: timer)
        timers[place] += 1
        return TimerPlace(life: life, setting: timers[place])
    }

    func group(_ store: StoreName) -> SyncGroup { groups[Int(store.rawValue)] }

    func engine(_ store: StoreName) -> any StorageEngine {
        store == .records ? records : hints
    }
}

/// Applies of one store that wait for the next sync, and the sync under way.
final class SyncGroup {
    var waiting: [StorageTicket] = []
    var syncing: [StorageTicket] = []
    var isSyncPlanned = false
    /// When the last answer of the store is due: answers keep the order of the commands.
    var lastAnswer = Instant(nanoseconds: 0)

    func begin() { swap(&syncing, &waiting) }
}
