internal import NIOCore
internal import Replication
internal import StatorCore
internal import Storage

/// One node of a simulated cluster: the production machines on a simulated disk. What is durable survives a crash.
final class SimulatedNode {
    let blueprint: NodeBlueprint
    let disk: SimulatedDisk
    /// Counts the starts: what was scheduled in an earlier life is void.
    var life = 0
    var isUp = false
    var isPaused = false
    /// What the node remembers of itself; durable.
    var identity: NodeIdentity?
    var isCleanlyStopped = false
    var view: View
    var wallOffset: Duration = .zero

    var membership: MembershipMachine?
    var shards: [SimulatedShard] = []
    var links: [NodeID: Bool] = [:]
    var timers: [TimerName: UInt64] = [:]

    enum TimerName: Hashable {
        case shard(Int, ShardTimer)
        case membership(MembershipMachineTimer)
    }

    init(blueprint: NodeBlueprint, random: RandomGenerator) {
        self.blueprint = blueprint
        disk = SimulatedDisk(random: random)
        view = View(epoch: Epoch(1), members: blueprint.initialMembers)
    }

    var node: NodeID { blueprint.member.node }

    /// A new life: the machines are made anew from what is durable.
    func start(random: inout RandomGenerator) throws(StorageError) {
        life += 1
        isUp = true
        links = [:]
        timers = [:]
        let isFirst = identity == nil
        var next =
            identity
            ?? NodeIdentity(
                incarnation: random.next(), dotsIssued: [UInt64](repeating: 0, count: blueprint.shards), generation: 0,
                isRecovering: [Bool](repeating: true, count: blueprint.shards))
        if !isFirst, !isCleanlyStopped {
            next.incarnation = random.next()
            next.dotsIssued = [UInt64](repeating: 0, count: blueprint.shards)
        }
        next.generation += 1
        isCleanlyStopped = false
        identity = next
        membership = MembershipMachine(blueprint: blueprint, identity: next, view: view, random: random.split())
        shards = []
        for shard in 0..<blueprint.shards {
            let machine = ShardMachine(blueprint: blueprint, shard: shard, identity: next, random: random.split())
            shards.append(try SimulatedShard(machine: machine, blueprint: blueprint, disk: disk, shard: shard))
        }
    }

    /// Stops without warning: the disk keeps what was synced, and of the rest what chance leaves.
    func crash() {
        isUp = false
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
}

/// One shard of a simulated node: its machine and its two engines.
final class SimulatedShard {
    let machine: ShardMachine
    let records: any StorageEngine
    let hints: any StorageEngine
    /// Applies that wait for the next sync of their store, and the sync under way.
    var waiting: [StoreName: [StorageTicket]] = [:]
    var syncing: [StoreName: [StorageTicket]] = [:]

    init(machine: ShardMachine, blueprint: NodeBlueprint, disk: SimulatedDisk, shard: Int) throws(StorageError) {
        self.machine = machine
        records = try blueprint.makeStorage(StorageEnvironment(disk: disk, folder: "/shard-\(shard)/records"))
        hints = try blueprint.makeStorage(StorageEnvironment(disk: disk, folder: "/shard-\(shard)/hints"))
    }

    func engine(_ store: StoreName) -> any StorageEngine {
        store == .records ? records : hints
    }
}
