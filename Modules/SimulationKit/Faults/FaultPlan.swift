internal import Composition
internal import Replication
internal import Simulation
internal import StatorCore

/// All faults of one run, drawn from the seed or scheduled before it begins, in the order of their beginning. As it is data, a
/// failing run can be replayed with some of them left out.
package struct FaultPlan: Sendable {
    package private(set) var faults: [PlannedFault] = []
    /// The nodes whose disks may forget what they confirmed: fewer than W, so that nothing acknowledged may be lost.
    package private(set) var victims: [Int] = []

    private let file: SimulationFile
    private var random: RandomGenerator

    /// - Parameter seed: the run's.
    package init(_ asked: SimulationFile, seed: UInt64) {
        let file = asked.drawn(for: seed)
        self.file = file
        random = RandomGenerator(seed: seed ^ 0xFA01_7000_0000_0000)
        victims = drawVictims()
        let faults = file.faults
        draw(faults.crashes) { .crash($0.node()) }
        draw(faults.stops) { .stop($0.node()) }
        draw(faults.pauses) { .pause($0.node()) }
        draw(faults.wipes) { .wipe($0.victim()) }
        draw(faults.partitions) { .partition($0.shape(), flapMilliseconds: $0.flap()) }
        draw(faults.clogs) { plan in
            let (from, to) = plan.link()
            return .clog(from: from, to: to)
        }
        draw(faults.slowNodes) { .slowNode($0.node(), factor: Double(2 + $0.random.below(200))) }
        draw(faults.lossBursts) { $0.lossBurst() }
        draw(faults.clockSteps) {
            .clockStep($0.node(), milliseconds: $0.step(), isMomentary: $0.random.chance(0.5))
        }
        draw(faults.diskErrors) { .diskErrors($0.node(), probability: 0.002 + 0.1 * $0.random.fraction()) }
        draw(faults.failingSyncs) { .failingSyncs($0.node()) }
        draw(faults.fullDisks) { .fullDisk($0.node()) }
        draw(faults.bitFlips) { .bitFlips($0.victim(), count: 1 + $0.random.below(8)) }
        draw(faults.lostWrites) { .lostWrites($0.victim(), probability: 0.01 + 0.2 * $0.random.fraction()) }
        draw(faults.misdirectedWrites) {
            .misdirectedWrites($0.victim(), probability: 0.01 + 0.2 * $0.random.fraction())
        }
        draw(faults.membershipChanges) { .membershipChange($0.subject()) }
        draw(faults.replacements) { plan in
            let newcomer = file.cluster.nodes + plan.random.below(max(1, file.cluster.outsiders))
            return .replacement(of: plan.node(), by: newcomer)
        }
        draw(faults.rollingRestarts) { .rollingRestart(pauseMilliseconds: 100 + $0.random.below(1500)) }
        draw(faults.slowDisks) { .slowDisk($0.node(), factor: Double(2 + $0.random.below(500))) }
        draw(faults.damagedFiles) { .damagedFiles($0.victim(), count: 1 + $0.random.below(3)) }
        draw(faults.restores) { plan in
            let (kinds, parts) = (BackupKind.allCases, BackupPart.allCases)
            return .restore(
                plan.victim(), kinds[plan.random.below(kinds.count)], parts[plan.random.below(parts.count)],
                asCopies: plan.random.chance(0.5))
        }
        drawLateStarts()
        draw(faults.copiedFolders) { .copiedFolder($0.node()) }
        let names = file.configurations.map(\.nodeID.name)
        for fault in file.schedule {
            self.faults.append(
                PlannedFault(
                    number: self.faults.count, begin: fault.at.nanoseconds, length: fault.length.nanoseconds,
                    kind: fault.fault(names.firstIndex(of: fault.node) ?? 0)))
        }
        self.faults.sort { ($0.begin, $0.number) < ($1.begin, $1.number) }
        self.faults = self.faults.enumerated().map { number, fault in
            PlannedFault(number: number, begin: fault.begin, length: fault.length, kind: fault.kind)
        }
    }

    /// Draws the faults of one class: gaps are even between 0 and twice the mean.
    private mutating func draw(_ perMinute: Double, _ make: (inout FaultPlan) -> FaultKind) {
        // Split for every class, so that one class's rate does not change what the others draw.
        var own = random.split()
        guard perMinute > 0 else { return }
        swap(&own, &random)
        defer { swap(&own, &random) }
        var rate = perMinute
        if file.faults.isSwarm {
            guard random.chance(0.6) else { return }
            rate *= 0.2 + 0.8 * random.fraction()
        }
        let meanGap = 60e9 / rate
        let end = Double(file.phases.faults.nanoseconds)
        var time = random.fraction() * 2 * meanGap
        while time < end {
            let longest = Double(file.faults.lengthMaximum.nanoseconds)
            let length = max(1e6, longest * random.fraction() * random.fraction())
            let kind = make(&self)
            faults.append(PlannedFault(number: faults.count, begin: Int64(time), length: Int64(length), kind: kind))
            time += max(1e6, random.fraction() * 2 * meanGap)
        }
    }

    /// Members that are missing when the cluster begins: a minority of the nodes that share ranges with one another, as the others
    /// found the cluster. Nobody can tell a lost disk from a first start as long as those that know better are away, so
    /// that no disk forgets in such a run.
    private mutating func drawLateStarts() {
        guard file.faults.lateStarts > 0, !file.faults.isSwarm || random.chance(0.6) else { return }
        var nodes = Array(0..<file.cluster.nodes)
        nodes.shuffle(using: &random)
        // Among the fewest that one shares ranges with are N; where there are not many nodes and no zones it is all of them.
        let doAllShare = file.cluster.zones == 1 && file.cluster.nodes < 2 * file.replication.replicas
        let sharing = doAllShare ? file.cluster.nodes : file.replication.replicas
        let most = min(file.faults.downMaximum, (sharing - 1) / 2)
        let late = nodes.filter { _ in random.chance(file.faults.lateStarts) }.prefix(most)
        guard !late.isEmpty else { return }
        faults.removeAll { FaultPlan.forgets($0.kind) != nil }
        let longest = min(file.faults.lengthMaximum, file.phases.faults).nanoseconds
        for node in late {
            let length = max(1_000_000, Int64(Double(longest) * random.fraction()))
            faults.append(PlannedFault(number: faults.count, begin: 0, length: length, kind: .lateStart(node)))
        }
    }

    /// Of the members, who is missing when the cluster begins.
    func startsLate(_ node: Int, kept: Set<Int>?) -> Bool {
        faults.contains { $0.kind == .lateStart(node) && kept?.contains($0.number) ?? true }
    }

    /// The node whose disk forgets something by a fault.
    private static func forgets(_ kind: FaultKind) -> Int? {
        switch kind {
        case .wipe(let node), .bitFlips(let node, _), .lostWrites(let node, _), .misdirectedWrites(let node, _),
            .damagedFiles(let node, _), .restore(let node, _, _, _):
            node
        default: nil
        }
    }

    private mutating func drawVictims() -> [Int] {
        var nodes = Array(0..<file.cluster.nodes)
        nodes.shuffle(using: &random)
        let scheduled = file.scheduledVictims
        if !scheduled.isEmpty { return scheduled }
        return Array(nodes.prefix(max(1, file.replication.writeQuorum - 1))).sorted()
    }

    /// The nodes whose disks do forget something in this plan.
    var forgettingDisks: Int {
        Set(faults.compactMap { FaultPlan.forgets($0.kind) }).count
    }

    var changesRing: Bool {
        faults.contains { [.membershipChange, .replacement].contains($0.kind.faultClass) }
    }

    // MARK: Drawing parts

    private mutating func node() -> Int { random.below(file.cluster.nodes) }
    private mutating func victim() -> Int { victims[random.below(victims.count)] }

    private mutating func link() -> (Int, Int) {
        let from = node()
        guard file.cluster.nodes > 1 else { return (from, from) }
        return (from, (from + 1 + random.below(file.cluster.nodes - 1)) % file.cluster.nodes)
    }

    private mutating func flap() -> Int { random.chance(0.25) ? 50 + random.below(1000) : 0 }

    /// Milliseconds, seconds, minutes, hours and days are as likely, up to the farthest.
    private mutating func step() -> Int {
        let farthest = max(1, Int(file.faults.clockStepMaximum.nanoseconds / 1_000_000))
        var scales = [10]
        while let last = scales.last, last < farthest { scales.append(last * 10) }
        let magnitude = 1 + random.below(min(farthest, scales[random.below(scales.count)]))
        return random.chance(0.5) ? magnitude : -magnitude
    }

    private mutating func lossBurst() -> FaultKind {
        let loss = random.chance(0.7) ? file.faults.lossMaximum * random.fraction() : 0
        let duplication = random.chance(0.5) ? 0.2 * random.fraction() : 0
        let reordering = random.chance(0.5) ? 0.5 * random.fraction() : 0
        return .lossBurst(loss: loss, duplication: duplication, reordering: reordering)
    }

    private mutating func subject() -> Int {
        let count = file.cluster.nodes + file.cluster.outsiders
        // Mostly outsiders come and go, so that the cluster keeps its size.
        if file.cluster.outsiders > 0, random.chance(0.7) {
            return file.cluster.nodes + random.below(file.cluster.outsiders)
        }
        return random.below(count)
    }

    private mutating func shape() -> PartitionShape {
        var nodes = Array(0..<file.cluster.nodes)
        nodes.shuffle(using: &random)
        guard nodes.count > 1 else { return .groups([nodes]) }
        let cut = 1 + random.below(nodes.count - 1)
        let (one, other) = (Array(nodes[..<cut]).sorted(), Array(nodes[cut...]).sorted())
        switch random.below(5) {
        case 0, 1: return .groups([one, other])
        case 2: return .oneWay(from: one, to: other)
        case 3 where nodes.count > 2:
            return .bridge(one.filter { $0 != nodes[0] }, other.filter { $0 != nodes[0] }, over: nodes[0])
        default: return .isolate(nodes[0])
        }
    }
}
