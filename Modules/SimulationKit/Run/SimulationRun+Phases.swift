internal import Checking
internal import Membership
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// The phases of a run: start, safety under faults, liveness after them, quiet.
extension SimulationRun {
    private static let startLimit = Duration.seconds(120)
    /// The longest that a handshake goes unanswered, and the longest that a link then pauses, with something to spare.
    private static let linkLimit = Duration.seconds(15)
    /// The longest that nobody notices that a link is silent, as its other end has gone, with something to spare.
    private static let silenceLimit = Duration.seconds(3)

    func runPhases() {
        guard start() else { return }
        load()
        startClients()
        if file.phases.warmUp > .zero { cluster.run(for: file.phases.warmUp) }
        beginMeasuring()
        scheduleFaults()
        cluster.run(for: file.phases.faults)
        endMeasuring()
        heal()
        if file.phases.liveness == .zero { stopClients() }
        watchDivergence()
        guard becomesReady() else { return }
        readyAt = cluster.time.nanoseconds
        watchLiveness()
        stopClients()
        cluster.run(for: file.replication.requestTimeout + .seconds(2))
        guard settles() else { return }
        readEverything()
        watchQuiet()
        isWhole = true
    }

    private func start() -> Bool {
        for (index, name) in cluster.names.enumerated() where !isMissing(index) { cluster.start(name) }
        if cluster.run(atMost: SimulationRun.startLimit, until: areMembersReady) { return true }
        let reasons = cluster.names.prefix(file.cluster.nodes).compactMap { cluster.notReadyReason(of: $0) }
        failures.append("the cluster does not start: \(reasons.prefix(3).joined(separator: "; "))")
        return false
    }

    /// Checked at most every 10 milliseconds of virtual time: it looks at every node.
    private func areMembersReady() -> Bool {
        guard cluster.time >= nextLook else { return false }
        nextLook = cluster.time.advanced(by: .milliseconds(10))
        return (0..<cluster.nodeCount).allSatisfy { index in
            if healedAt == 0, isMissing(index) { return true }
            let isFirstMember = index < file.cluster.nodes
            // One that has missed that it left takes itself for a member until gossip tells it.
            guard !cluster.isMember(index) || cluster.epoch(of: index) == cluster.latestEpoch else { return false }
            let isMember = cluster.isMember(index)
            if !isMember { return !isFirstMember || hasLeft(index) }
            return cluster.notReadyReason(of: cluster.names[index]) == nil
        }
    }

    /// Whether a node starts for the first time only after the others have begun to work.
    private func isMissing(_ index: Int) -> Bool { plan.startsLate(index, kept: options.keptFaults) }

    /// Whether a node that runs is no member because it left in order.
    private func hasLeft(_ index: Int) -> Bool {
        file.changesRing && cluster.isUp(cluster.names[index])
    }

    /// All faults end: the network is whole, disks are sound, everybody runs.
    private func heal() {
        cluster.note("all faults end")
        areFaultsOn = false
        activeFaults = []
        cluster.heal()
        cluster.network.endTails()
        cluster.network.extraLoss = 0
        cluster.network.extraDuplication = 0
        cluster.network.extraReordering = 0
        for (index, name) in cluster.names.enumerated() {
            cluster.network.setLatencyFactor(1, of: index)
            cluster.disk(of: name).faults = DiskFaults()
            if cluster.isPaused(name) { cluster.resume(name) }
            if cluster.isUp(name), !cluster.isStopping(name) {
                restartIfBroken(index, isOver: true)
            } else {
                startAgain(index)
            }
        }
        healedAt = cluster.time.nanoseconds
    }

    private func becomesReady() -> Bool {
        if cluster.run(atMost: file.phases.settle, until: areMembersReady) { return true }
        let reasons = cluster.names.compactMap { cluster.notReadyReason(of: $0) }
        failures.append(
            "not all nodes serve \(file.phases.settle) after the faults: \(reasons.prefix(3).joined(separator: "; "))")
        return false
    }

    /// What begins after everybody has noticed that the others are back must be answered.
    private func watchLiveness() {
        guard areLinksWhole() else { return }
        _ = cluster.run(atMost: file.phases.liveness, until: doesEverybodyTrust)
        // A node that went and came back shortly before was taken for dead by nobody, and its links are noticed to be
        // new, or of no use any more, within the time that transports take.
        noticedAt = cluster.time.nanoseconds
        switch file.network.transport {
        case .datagram: noticedAt += 2 * file.network.detection.nanoseconds
        case .tcp: noticedAt = max(noticedAt, healedAt + SimulationRun.silenceLimit.nanoseconds)
        }
        guard file.phases.liveness > .zero else { return }
        let end = noticedAt + file.phases.liveness.nanoseconds
        cluster.run(for: .nanoseconds(end - cluster.time.nanoseconds))
    }

    /// Once nothing is cut and everybody runs, links come back.
    func areLinksWhole() -> Bool {
        guard file.network.transport == .tcp else { return true }
        var reason: String?
        let isWhole = cluster.run(atMost: SimulationRun.linkLimit) {
            guard cluster.time >= nextLook else { return false }
            nextLook = cluster.time.advanced(by: .milliseconds(10))
            reason = cluster.unusableLink
            return reason == nil
        }
        if !isWhole, let reason { failures.append("\(SimulationRun.linkLimit) after the faults \(reason)") }
        return isWhole
    }

    /// Goes on at the node that was found wanting last: O(nodes) a look.
    private func doesEverybodyTrust() -> Bool {
        guard cluster.time >= nextLook else { return false }
        nextLook = cluster.time.advanced(by: .milliseconds(10))
        while trusting < cluster.nodeCount, distrusted(by: trusting) == nil { trusting += 1 }
        return trusting == cluster.nodeCount
    }

    /// A running member that a node reports as dead.
    private func distrusted(by index: Int) -> NodeID? {
        guard cluster.isMember(index) else { return nil }
        let reports = cluster.membership(of: cluster.names[index])?.members ?? []
        return reports.first { $0.liveness == .dead && cluster.isUp($0.member.node) }?.member.node
    }

    // MARK: Convergence

    private func settles() -> Bool {
        let deadline = healedAt + file.phases.settle.nanoseconds
        while true {
            guard let reason = unsettledReason() else {
                convergedAt = cluster.time.nanoseconds
                return true
            }
            if cluster.time.nanoseconds >= deadline {
                failures.append("not converged \(file.phases.settle) after the faults: \(reason)")
                return false
            }
            cluster.run(for: .milliseconds(500))
        }
    }

    /// Why the cluster has not converged, or `nil`.
    func unsettledReason() -> String? {
        let members = (0..<cluster.nodeCount).filter { cluster.isMember($0) }.map { cluster.names[$0] }
        guard let state = members.first.flatMap({ cluster.clusterState(of: $0) }), let placement = state.placement
        else { return "no node is a member" }
        for name in members {
            guard let view = cluster.clusterState(of: name)?.view, view == state.view, !view.isChanging else {
                return "\(name) has another view than \(members[0]), or a change is under way"
            }
            if let reason = cluster.notReadyReason(of: name) { return reason }
            if let waiting = cluster.inspection(of: name).flatMap(\.hintsWaiting).first {
                return "\(name) keeps \(waiting.count) hints for \(waiting.target)"
            }
        }
        return divergence(placement) ?? distrust()
    }

    private func distrust() -> String? {
        for index in 0..<cluster.nodeCount {
            if let other = distrusted(by: index) { return "\(cluster.names[index]) takes \(other) for dead" }
        }
        return nil
    }

    private func divergence(_ placement: Placement) -> String? {
        struct Holders {
            let record: RecordMetadata
            var nodes: [NodeID] = []
        }
        var holders: [Key: Holders] = [:]
        for name in cluster.names where cluster.isUp(name) {
            for record in cluster.records(of: name) {
                if let known = holders[record.key], known.record.digest != record.digest {
                    return "\(known.nodes.last?.name ?? "?") and \(name) differ on \(record.key.displayText)"
                }
                holders[record.key, default: Holders(record: record)].nodes.append(name)
            }
        }
        // Any order will do: it only tells whether there is one.
        for entry in holders.values {
            let owners = placement.preferenceList(for: entry.record.token).replicas.sorted()
            if entry.nodes.sorted() != owners {
                let held = entry.nodes.map(\.name).sorted().joined(separator: ",")
                let owning = owners.map(\.name).joined(separator: ",")
                return "\(entry.record.key.displayText) is held by \(held), owned by \(owning)"
            }
        }
        return nil
    }

    // MARK: The end

    /// Every key that was used is read from all replicas.
    private func readEverything() {
        let used = Set(operations.map(\.operation.key))
        for (number, entry) in keys.entries.enumerated() where used.contains(entry.name) {
            readFinally(number)
        }
    }

    private func watchQuiet() {
        let before = (repairs(), differences())
        cluster.run(for: file.phases.quiet)
        let after = (repairs(), differences())
        idleRepairs = SimulationRun.growth(from: before.0, to: after.0)
        idleDifferences = SimulationRun.growth(from: before.1, to: after.1)
    }

    private typealias Count = (node: NodeID, count: Int)

    private static func growth(from before: [Count], to after: [Count]) -> [Count] {
        zip(before, after).map { (node: $0.node, count: $1.count - $0.count) }.filter { $0.count != 0 }
    }

    private func repairs() -> [Count] {
        sums { $0.syncRecordsSent + $0.readRepairs + $0.recordsStreamedOut + $0.hintsCreated }
    }

    private func differences() -> [Count] { sums(\.syncDirtyLeaves) }

    private func sums(_ counter: (ShardCounters) -> Int) -> [Count] {
        cluster.names.map { name in (name, cluster.counters(of: name).reduce(0) { $0 + counter($1) }) }
    }
}
