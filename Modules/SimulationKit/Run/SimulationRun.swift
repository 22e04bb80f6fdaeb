internal import Checking
internal import Composition
internal import DequeModule
internal import NIOCore
package import Replication
package import Simulation
internal import StatorCore
internal import Workload

/// One run of a simulation: the cluster, its clients, its faults, and the checkers that look on. The file, the seed and
/// the options determine it.
///
/// The parts in files of their own: clients, faults, phases, what is watched, the verdicts.
package final class SimulationRun: SimulationObserver {
    let file: SimulationFile
    let seed: UInt64
    let options: RunOptions
    package let cluster: SimulatedCluster
    package let plan: FaultPlan
    let tap = ResolverTap()
    var keys: KeyTable

    // Clients.
    var clients: [SimulatedClient] = []
    var clientOfTicket: [ClientTicket: Int] = [:]
    var operations: [RecordedOperation] = []
    var areClientsWorking = false
    var random: RandomGenerator
    let workload: WorkloadPlan
    /// What requests ask for beyond the defaults.
    var requests: RequestDraw
    /// When each node was last started, or went on after a pause.
    var disturbedAt: [Int64]
    /// How often each node was started.
    var lives: [Int]
    let thinkNanoseconds: Double
    /// How long a client waits for an answer, in nanoseconds.
    let patience: Int64
    /// The number of the next key to be written before the work begins; `nil` where that is done.
    var nextToLoad: Int?
    /// Of an open loop: when operations are due, who is free, and since when others wait for somebody.
    var arrivals: Arrivals?
    var clientsBegan: Int64 = 0
    var idleClients: [Int] = []
    var waitingArrivals: Deque<Int64> = []
    /// The next entry of the trace.
    var traceCursor = 0
    /// The next entry of the trace that is to become due.
    var dueCursor = 0
    var administered: [ClientTicket: AdminResponse] = [:]

    // Faults.
    var faultsBegan = Instant(nanoseconds: 0)
    var areFaultsOn = false
    var activeFaults: Set<Int> = []
    var flapsCut: Set<Int> = []
    var rollingNext: [Int: Int] = [:]
    /// Disks that were saved to be put back, by the fault's number.
    var savedDisks: [Int: SimulatedDisk] = [:]
    var tally: [FaultClass: Int] = [:]
    /// Nodes whose disks have been made to forget since their last complete recovery.
    var hasForgotten: Set<Int> = []

    // What is watched.
    var watch: RunWatch
    /// `nil` where the checkers are off.
    let ledgers: RunLedgers?
    var meter: RunMeter?
    /// What the network had carried when measuring began, when the faults ended, and when replicas were last compared.
    var trafficBefore = SimulatedTraffic()
    var trafficAtHeal = SimulatedTraffic()
    var trafficAtLook = SimulatedTraffic()
    /// What it had carried when the replicas were found equal; `nil` while they differ.
    var trafficAtConvergence: SimulatedTraffic?
    var loadsBefore: [Int] = []
    var loadsAtHeal: [Int] = []
    var healedAt: Int64 = 0
    var readyAt: Int64 = 0
    /// When no member took another for dead any more.
    var noticedAt: Int64 = 0
    /// Nodes before this one take nobody for dead.
    var trusting = 0
    var convergedAt: Int64?
    var failures: [String] = []
    var story: Story?
    var tellLine: ((String) -> Void)?
    var nextLook = Instant(nanoseconds: 0)
    var idleRepairs: [(node: NodeID, count: Int)] = []
    var idleDifferences: [(node: NodeID, count: Int)] = []

    // The healthy cluster.
    /// All phases have come to their end.
    var isWhole = false
    var healthy = HealthyCluster()
    var answers = HealthyAnswers()
    var healthyChange: HealthyChange?
    /// Requests that were answered: none is a second time.
    private var answered: Set<ClientTicket> = []

    /// - Parameter asked: what it leaves to the seed is drawn here.
    package init(_ asked: SimulationFile, seed: UInt64, options: RunOptions = RunOptions()) {
        let file = asked.drawn(for: seed)
        self.file = file
        self.seed = seed
        self.options = options
        plan = FaultPlan(file, seed: seed)
        let tap = tap
        let ledgers = options.checks ? RunLedgers(file, tap: tap, forgettingDisks: plan.forgettingDisks) : nil
        self.ledgers = ledgers
        let cache = PlacementCache()
        let blueprints = file.configurations.map { configuration in
            var blueprint = configuration.blueprint()
            blueprint.partitioner = CachedPartitioner(blueprint.partitioner, cache: cache)
            options.blueprint?(&blueprint)
            if let ledgers { SimulationRun.tap(&blueprint, tap, ledgers) }
            return blueprint
        }
        cluster = SimulatedCluster(
            blueprints, network: SimulationRun.network(file), transport: file.network.transport, seed: seed)
        cluster.silentCrashes = SimulationRun.silentCrashes
        cluster.processKills = SimulationRun.processKills
        ledgers?.cluster = cluster
        cluster.detection = file.network.detection
        cluster.loadSampler = LatencySampler(file.loadLatency)
        cluster.syncSampler = LatencySampler(file.syncLatency)
        cluster.logLimit = 0
        cluster.interpose = options.interpose?()
        cluster.membershipInterpose = options.membershipInterpose
        cluster.identityPort = options.identity
        random = RandomGenerator(seed: seed ^ 0xC11E_0000_0000_0000)
        requests = RequestDraw(file, seed: seed)
        lives = [Int](repeating: 0, count: cluster.nodeCount)
        disturbedAt = [Int64](repeating: 0, count: cluster.nodeCount)
        keys = KeyTable(file.workload, trace: file.trace, cluster: cluster, name: requests.keyName)
        let workload = file.workload
        self.workload = WorkloadPlan(workload)
        patience = file.replication.requestTimeout.nanoseconds + 1_000_000_000
        thinkNanoseconds = workload.thinkNanoseconds
        watch = RunWatch(file, cluster: cluster, isOn: options.checks)
        if options.measures { meter = RunMeter(nodes: cluster.nodeCount) }
        clients = (0..<workload.clients).map { _ in SimulatedClient(random: random.split()) }
        setClocks()
    }

    /// The share of crashes that are those of machines, of which nobody hears.
    private static let silentCrashes = 0.3
    /// Of the others, the share that are those of processes: the page cache survives.
    private static let processKills = 0.5

    private static func tap(_ blueprint: inout NodeBlueprint, _ tap: ResolverTap, _ ledgers: RunLedgers) {
        blueprint.resolver = TappedResolver(blueprint.resolver, tap: tap)
        let make = blueprint.makeSynchronizer
        blueprint.makeSynchronizer = { TappedSynchronizer(make($0), $0, ledgers) }
    }

    private static func network(_ file: SimulationFile) -> SimulatedNetwork {
        var link = LinkSettings(latency: file.latency)
        link.loss = file.network.loss
        link.duplication = file.network.duplication
        link.reordering = file.network.reordering
        link.bytesPerSecond = file.network.bandwidth.bytes > 0 ? file.network.bandwidth.bytes : nil
        let count = file.cluster.nodes + file.cluster.outsiders
        guard !file.zoneLatencies.isEmpty else { return SimulatedNetwork(nodes: count, links: link) }
        let zones = (0..<count).map { $0 % file.cluster.zones }
        return SimulatedNetwork(
            Simulation.NetworkSettings(zones: zones, latencies: file.zoneLatencies, link: link))
    }

    private func setClocks() {
        let offset = Int(file.clocks.offsetMaximum.nanoseconds / 1_000_000)
        let drift = file.clocks.driftMaximum
        for name in cluster.names {
            if offset > 0 {
                cluster.setWallOffset(.milliseconds(random.below(2 * offset + 1) - offset), of: name)
            }
            if drift > 0 { cluster.setDrift(random.below(2 * drift + 1) - drift, of: name) }
        }
    }

    // MARK: SimulationObserver

    package var watchesStorage: Bool { options.checks }
    package var watchesMessages: Bool { options.checks }

    package func woken(_ number: UInt64) {
        switch WakeCode(number) {
        case .client(let index, let generation): wakeClient(index, generation)
        case .faultBegins(let index): beginFault(plan.faults[index])
        case .faultEnds(let index): endFault(plan.faults[index])
        case .faultGoesOn(let index): continueFault(plan.faults[index])
        case .start(let index): startAgain(index)
        case .arrival: arrive()
        case .look: look()
        }
    }

    func wake(_ code: WakeCode, after nanoseconds: Int64) {
        cluster.wake(code.number, after: Duration(nanoseconds: nanoseconds))
    }

    package func answered(_ ticket: ClientTicket, _ response: ClientResponse) {
        tap.time = cluster.time.nanoseconds
        if options.checks, !answered.insert(ticket).inserted {
            failures.append(
                "request \(ticket.number) was answered twice: the second time with \(StoryText.response(response))")
        }
        if answers.take(ticket, response) { return }
        guard let index = clientOfTicket.removeValue(forKey: ticket) else { return }
        finish(index, ticket, response)
    }

    package func administered(_ ticket: ClientTicket, _ response: AdminResponse) {
        administered[ticket] = response
    }

    package func submitted(_ write: StorageWriteNotice) { noteSubmitted(write) }

    package func acknowledged(
        _ ticket: StorageTicket, node: Int, shard: Int, store: StoreName, succeeded: Bool
    ) {
        watch.acknowledged(ticket, node: node, shard: shard, store: store, succeeded: succeeded)
        ledgers?.confirmed(ticket, node: node, shard: shard, store: store, succeeded: succeeded)
    }

    package func sends(_ message: ShardMessage, from node: Int, to peer: Int) {
        ledgers?.sends(message, from: node, to: peer)
        answers.note(message)
    }

    package func wiped(node: Int) { ledgers?.wiped(node) }

    package func stopped(node: Int) {
        loseConnections(to: node)
        meter?.suspicions.gone(node, at: cluster.time.nanoseconds)
    }

    package func resumed(node: Int) {
        disturbedAt[node] = cluster.time.nanoseconds
        ledgers?.resumed(node)
    }

    package func judged(_ peer: Int, dead isDead: Bool, by node: Int) {
        answers.judged(peer, dead: isDead, by: node)
        guard meter != nil else { return }
        let isCut = cluster.network.isCut(from: peer, to: node) || cluster.network.isCut(from: node, to: peer)
        meter?.suspicions.judged(peer, dead: isDead, by: node, isCut: isCut, at: cluster.time.nanoseconds)
    }

    package func restarted(node: Int) {
        lives[node] += 1
        disturbedAt[node] = cluster.time.nanoseconds
        meter?.suspicions.forgets(node)
        guard options.checks else { return }
        watch.restarted(node, cluster: cluster, hasForgotten: hasForgotten.contains(node))
        ledgers?.restarted(node)
    }

    package func adopted(_ state: ClusterState, node: Int) {
        if options.checks { watch.adopted(state, by: cluster.names[node]) }
        ledgers?.adopted(state, by: node)
        checkSwitch(state)
        meter?.adopted(state)
    }
}
