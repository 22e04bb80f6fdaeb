internal import Composition
internal import Replication
internal import Simulation
internal import StatorCore
internal import Storage

/// Makes the planned faults happen and end. One that cannot happen now (its node is down already, too many are) is
/// passed over; the tally counts those that did.
extension SimulationRun {
    func scheduleFaults() {
        faultsBegan = cluster.time
        areFaultsOn = true
        for fault in plan.faults where options.keptFaults?.contains(fault.number) ?? true {
            wake(.faultBegins(fault.number), after: fault.begin)
        }
    }

    private func count(_ fault: PlannedFault) {
        tally[fault.kind.faultClass, default: 0] += 1
    }

    func beginFault(_ fault: PlannedFault) {
        guard areFaultsOn, happens(fault) else { return }
        count(fault)
        activeFaults.insert(fault.number)
        wake(.faultEnds(fault.number), after: fault.length)
    }

    /// - Returns: whether it could happen.
    private func happens(_ fault: PlannedFault) -> Bool {
        switch fault.kind {
        case .crash(let node), .stop(let node), .pause(let node), .wipe(let node), .damagedFiles(let node, _),
            .copiedFolder(let node):
            return bringDown(node, fault.kind)
        case .partition(let shape, let flap):
            cluster.note("partition \(shape)")
            cluster.apply(shape)
            flapsCut.insert(fault.number)
            if flap > 0 { wake(.faultGoesOn(fault.number), after: Int64(flap) * 1_000_000) }
        case .clog(let from, let to):
            guard from != to else { return false }
            cluster.note("the link from \(cluster.names[from]) to \(cluster.names[to]) is clogged")
            // What is held back cannot be set free early: no clog outlasts the safety phase.
            let phaseEnd = faultsBegan.advanced(by: file.phases.faults)
            let end = min(cluster.time.advanced(by: .nanoseconds(fault.length)), phaseEnd)
            cluster.network.clog(from: from, to: to, until: end)
        case .slowNode(let node, let factor):
            // Between two slow nodes the factors multiply, and a message could be under way for minutes.
            guard (0..<cluster.nodeCount).allSatisfy({ cluster.network.latencyFactor(of: $0) == 1 }) else {
                return false
            }
            cluster.note("\(cluster.names[node]) is slow, \(Int(factor)) times")
            cluster.network.setLatencyFactor(factor, of: node)
        case .lossBurst(let loss, let duplication, let reordering):
            cluster.note("messages are lost, duplicated, reordered")
            cluster.network.extraLoss = loss
            cluster.network.extraDuplication = duplication
            cluster.network.extraReordering = reordering
        case .clockStep(let node, let milliseconds, _):
            cluster.note("the wall clock of \(cluster.names[node]) is off by \(milliseconds) ms")
            cluster.setWallOffset(.milliseconds(milliseconds), of: cluster.names[node])
        case .membershipChange(let node): return changeMembership(node)
        case .replacement(let leaver, let newcomer):
            guard isLeaverAndOutsider(leaver, newcomer), changeMembership(newcomer) else { return false }
            wake(.faultGoesOn(fault.number), after: 500_000_000)
        case .rollingRestart:
            rollingNext[fault.number] = 0
            wake(.faultGoesOn(fault.number), after: 0)
        case .lateStart(let node): return !cluster.isUp(cluster.names[node])
        case .restore(let node, let kind, _, _): return save(node, kind, fault.number)
        case .diskErrors, .failingSyncs, .fullDisk, .slowDisk, .bitFlips, .lostWrites, .misdirectedWrites:
            return harmDisk(fault)
        }
        return true
    }

    func endFault(_ fault: PlannedFault) {
        guard activeFaults.remove(fault.number) != nil else { return }
        switch fault.kind {
        case .crash(let node), .stop(let node), .wipe(let node), .damagedFiles(let node, _), .lateStart(let node),
            .copiedFolder(let node):
            startAgain(node)
        case .pause(let node):
            cluster.resume(cluster.names[node])
            meter?.suspicions.isBack(node, observers: observers)
        case .partition(let shape, _):
            guard flapsCut.remove(fault.number) != nil else { return }
            cluster.note("partition ends")
            cluster.lift(shape)
        case .slowNode(let node, _): cluster.network.setLatencyFactor(1, of: node)
        case .slowDisk(let node, _): cluster.disk(of: cluster.names[node]).faults.slowness = 1
        case .clockStep(let node, _, isMomentary: true):
            cluster.note("the wall clock of \(cluster.names[node]) is right again")
            cluster.setWallOffset(.zero, of: cluster.names[node])
        case .lossBurst:
            cluster.network.extraLoss = 0
            cluster.network.extraDuplication = 0
            cluster.network.extraReordering = 0
        case .fullDisk(let node):
            // It empties again, and the node goes on by itself.
            cluster.disk(of: cluster.names[node]).faults = DiskFaults()
            restartIfBroken(node)
        case .diskErrors(let node, _), .failingSyncs(let node), .lostWrites(let node, _),
            .misdirectedWrites(let node, _):
            cluster.disk(of: cluster.names[node]).faults = DiskFaults()
            restartIfBroken(node)
        case .restore(let node, let kind, let part, let asCopies):
            // Of stores that were saved in a life which has not ended, and of a whole folder, only copies are told at once.
            let isTold = asCopies || part != .folder && kind != .running
            putBack(node, fault.number, part, asCopies: asCopies, isTold: isTold)
        case .clog, .clockStep, .bitFlips, .membershipChange, .replacement, .rollingRestart: break
        }
    }

    func continueFault(_ fault: PlannedFault) {
        switch fault.kind {
        case .partition(let shape, let flap):
            guard activeFaults.contains(fault.number) else { return }
            if flapsCut.remove(fault.number) != nil {
                cluster.lift(shape)
            } else {
                flapsCut.insert(fault.number)
                cluster.apply(shape)
            }
            wake(.faultGoesOn(fault.number), after: Int64(flap) * 1_000_000)
        case .rollingRestart(let pause): continueRolling(fault.number, pause: pause)
        case .replacement(let leaver, let newcomer): continueReplacement(fault.number, leaver, newcomer)
        default: break
        }
    }

    // MARK: Nodes

    private var downCount: Int {
        cluster.names.count { !cluster.isUp($0) || cluster.isPaused($0) || cluster.isStopping($0) }
    }

    private func bringDown(_ node: Int, _ kind: FaultKind) -> Bool {
        let name = cluster.names[node]
        guard cluster.isUp(name), !cluster.isPaused(name), !cluster.isStopping(name),
            downCount < file.faults.downMaximum
        else { return false }
        switch kind {
        case .pause: cluster.pause(name)
        case .stop:
            cluster.beginStopping(name)
            return true
        case .wipe:
            cluster.crash(name)
            loseConnections(to: node)
            forget(node)
            cluster.wipe(name)
        case .damagedFiles(_, let count):
            guard isSound(node) else { return false }
            cluster.stop(name)
            loseConnections(to: node)
            damageFiles(of: node, count: count)
        case .copiedFolder:
            guard !areDiskFaultsOn(node) else { return false }
            cluster.stop(name)
            loseConnections(to: node)
            cluster.restore(name, cluster.save(name), asCopies: true)
        default:
            cluster.crash(name)
            loseConnections(to: node)
        }
        meter?.suspicions.gone(node, at: cluster.time.nanoseconds)
        return true
    }

    func forget(_ node: Int) {
        hasForgotten.insert(node)
        watch.forgotten(node)
        // Whoever puts another disk in gives the node the right configuration too.
        var blueprint = cluster.blueprint(of: cluster.names[node])
        blueprint.initialMembers = foundingMembers(isEdited: false)
        cluster.setBlueprint(blueprint)
    }

    /// The members that configurations list; edited ones place records elsewhere, if anybody goes by them.
    private func foundingMembers(isEdited: Bool) -> [Member] {
        var members = file.configurations[0].blueprint().initialMembers
        if isEdited {
            for index in members.indices where index % 2 == 0 { members[index].weight *= 2 }
            members[0].zone += "-edited"
        }
        return members
    }

    /// Starts a node that is down. One whose files are damaged beyond opening is given an empty disk, where its disk is
    /// one that may forget; any other is tried again, as an operator would once the disk answers again.
    func startAgain(_ node: Int) {
        let name = cluster.names[node]
        // It goes on stopping, and is started once it is down.
        if cluster.isStopping(name) { return wake(.start(node), after: 100_000_000) }
        guard !cluster.isUp(name) else { return }
        guard let reason = cluster.start(name) else {
            meter?.suspicions.isBack(node, observers: observers)
            return
        }
        cluster.note("\(name) does not start: \(reason)")
        if plan.victims.contains(node), hasForgotten.contains(node), !areDiskFaultsOn(node) {
            cluster.note("\(name) is given an empty disk: \(reason)")
            forget(node)
            cluster.wipe(name)
        }
        wake(.start(node), after: 1_000_000_000)
    }

    /// Whether the node's stores can be closed in order, so that it knows at its next start what was durable.
    private func isSound(_ node: Int) -> Bool {
        let name = cluster.names[node]
        let faults = cluster.disk(of: name).faults
        return !areDiskFaultsOn(node) && faults.lostWrites == 0 && faults.misdirectedWrites == 0
            && cluster.counters(of: name).allSatisfy { $0.storageFailures == 0 }
    }

    func areDiskFaultsOn(_ node: Int) -> Bool {
        let faults = cluster.disk(of: cluster.names[node]).faults
        return faults.failsSyncs || faults.capacity != nil || !faults.probability.isEmpty
    }

    /// - Parameter isOver: whether the faults are over: then what has failed last is not waited for.
    func restartIfBroken(_ node: Int, isOver: Bool = false) {
        let name = cluster.names[node]
        // Most go on by themselves once their disks answer again; an engine that is broken for good refuses all that follows,
        // and a supervisor restarts it.
        let isBroken = cluster.isUp(name) && cluster.isStorageBroken(at: name)
        guard isBroken || isOver && cluster.isUp(name) && cluster.hasStorageFailed(at: name) else { return }
        cluster.crash(name)
        loseConnections(to: node)
        startAgain(node)
    }

    private func continueRolling(_ number: Int, pause: Int) {
        guard areFaultsOn, let node = rollingNext[number], node < file.cluster.nodes else { return }
        rollingNext[number] = node + 1
        let name = cluster.names[node]
        if cluster.isUp(name), !cluster.isPaused(name), !cluster.isStopping(name),
            downCount < file.faults.downMaximum
        {
            cluster.beginStopping(name)
            var blueprint = cluster.blueprint(of: name)
            let isFirst = blueprint.antiEntropy.interval == file.antiEntropy.interval
            blueprint.antiEntropy.interval = isFirst ? file.antiEntropy.interval / 2 : file.antiEntropy.interval
            blueprint.hints.deliveryWindow = isFirst ? 2 : file.hints.deliveryWindow
            // The members that the cluster began with count, once a node was let in with them.
            let isEdited = isFirst && blueprint.foundedView != nil && cluster.hasLease(name)
            blueprint.initialMembers = foundingMembers(isEdited: isEdited)
            cluster.setBlueprint(blueprint)
            wake(.start(node), after: Int64(pause) * 1_000_000)
        }
        wake(.faultGoesOn(number), after: 2 * Int64(pause) * 1_000_000)
    }

    private func isLeaverAndOutsider(_ leaver: Int, _ newcomer: Int) -> Bool {
        cluster.isMember(leaver) && cluster.isUp(cluster.names[newcomer]) && !cluster.isMember(newcomer)
    }

    /// Once the newcomer owns its ranges, the other leaves; until then it is looked at again and again.
    private func continueReplacement(_ number: Int, _ leaver: Int, _ newcomer: Int) {
        guard areFaultsOn else { return }
        let name = cluster.names[newcomer]
        if let view = cluster.clusterState(of: name)?.view, !view.isChanging, view.contains(name) {
            if cluster.isMember(leaver) { _ = changeMembership(leaver) }
        } else {
            wake(.faultGoesOn(number), after: 500_000_000)
        }
    }

    private func changeMembership(_ node: Int) -> Bool {
        let name = cluster.names[node]
        guard cluster.isUp(name), let view = cluster.clusterState(of: name)?.view else { return false }
        if !view.contains(name) {
            _ = cluster.administer(.join, at: name)
        } else if view.members.count > file.replication.replicas {
            _ = cluster.administer(.leave(nil), at: name)
        } else {
            return false
        }
        return true
    }
}
