internal import Checking
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// The end of a run: the history made whole, and what the checkers say.
extension SimulationRun {
    /// Carries the whole run out.
    package func run() -> RunResult {
        cluster.observer = self
        runPhases()
        let ended = Course(cluster)
        tryHealthyCluster()
        let history = options.checks ? completeHistory() : History()
        return RunResult(
            seed: seed, drawn: file.drawn, hash: ended.hash, inputs: ended.inputs, simulated: ended.time,
            reads: operations.count { $0.operation.kind == .read },
            writes: operations.count { $0.operation.kind != .read },
            succeeded: operations.count { $0.operation.outcome == .ok },
            failed: operations.count { $0.operation.outcome == .failed },
            unknown: operations.count { $0.operation.outcome == .unknown },
            faults: FaultClass.allCases.compactMap { kind in tally[kind].map { (kind, $0) } }
                .sorted { $0.0.rawValue < $1.0.rawValue },
            network: ended.network, disks: ended.disks, traffic: ended.traffic,
            reached: cluster.reached,
            convergence: convergedAt.map { .nanoseconds($0 - healedAt) },
            report: options.checks ? report(history) : CheckReport(),
            failures: failures, history: options.keepsHistory ? history : nil,
            measurements: finishMeasurements())
    }

    /// Events become the operations that they stand for.
    private func completeHistory() -> History {
        let unknown = operations.filter { $0.eventsBefore != nil && $0.operation.outcome == .unknown }
        tap.linkBlindDeletes(
            unknown.map { ($0.operation.id, $0.operation.key, $0.eventsBefore ?? 0) },
            keyOf: { operations[$0].operation.key })
        let patience = file.replication.requestTimeout.nanoseconds
        tap.linkRepeatedDeletes(
            keyOf: { operations[$0].operation.key },
            isUnderWay: { number, time in
                let operation = operations[number].operation
                // Who has given up waiting does not know what still goes on.
                let end = operation.outcome == .unknown ? operation.end + patience : operation.end
                return operation.start <= time && time <= end
            })
        let seen = tap.seenByOperation { operations[$0].acknowledgedBy }
        return History(
            operations.lazy.filter { !$0.isUntold }.map { recorded in
                var operation = recorded.operation
                if operation.kind == .read {
                    if operation.outcome == .ok { operation.shows = recorded.shows.map { tap.operations(shownBy: $0) } }
                } else if let saw = seen[operation.id] {
                    operation.saw = saw
                } else if operation.outcome != .ok {
                    // No version of it was ever made.
                    operation.saw = []
                }
                return operation
            })
    }

    private func report(_ history: History) -> CheckReport {
        let promises = Promises(file, plan)
        let indexed = IndexedHistory(history)
        if let span = meter?.measuredSpan {
            meter?.note(Staleness.figures(indexed, in: span, ages: StalenessFigures.fineAges))
        }
        var report = CheckReport()
        for checker in HistoryChecks.standard { report.append(checker.check(indexed, promises)) }
        if readyAt > 0 {
            let bound = file.replication.requestTimeout.nanoseconds + 1_000_000_000
            report.append(LivenessChecker(bound: bound, healTime: noticedAt).check(indexed, promises))
        }
        // Nobody is to notice that the ring changes: R owners answer throughout.
        report.append(ReadabilityChecker(isPromised: file.onlyChangesRing).check(indexed, promises))
        report.append(tap.dots.verdict(promises))
        ledgers?.lookAtEnd()
        for verdict in ledgers?.verdicts(promises) ?? [] { report.append(verdict) }
        report.append(watch.recovery.verdict(promises))
        report.append(watch.ring.verdict(promises))
        // Also where it did not converge: the verdict then names what differs.
        if readyAt > 0 { report.append(convergence(promises)) }
        report.append(healthy.verdict())
        return report
    }

    private func convergence(_ promises: Promises) -> Verdict {
        var state = Convergence()
        for name in cluster.names where cluster.isUp(name) {
            state.records += cluster.records(of: name).map {
                HeldRecord(node: name, token: $0.token, key: $0.key, digest: $0.digest)
            }
            let waiting = cluster.inspection(of: name).flatMap(\.hintsWaiting).reduce(0) { $0 + $1.count }
            state.pendingHints.append(NodeCount(node: name, count: waiting))
        }
        state.idleRepairs = idleRepairs.map { NodeCount(node: $0.node, count: $0.count) }
        state.idleDifferences = idleDifferences.map { NodeCount(node: $0.node, count: $0.count) }
        let member = (0..<cluster.nodeCount).first { cluster.isMember($0) }
        let placement = member.flatMap { cluster.clusterState(of: cluster.names[$0])?.placement }
        return state.verdict(promises) { token in
            placement.map { Array($0.preferenceList(for: token).replicas) } ?? []
        }
    }
}

/// What a run was up to the end of its phases: the same whether or not anybody looked on.
private struct Course {
    let hash: UInt64
    let inputs: Int
    let time: Duration
    let network: NetworkCounters
    let traffic: SimulatedTraffic
    var disks = DiskFaultCounters()

    init(_ cluster: SimulatedCluster) {
        hash = cluster.eventHash
        inputs = cluster.eventsHandled
        time = .nanoseconds(cluster.time.nanoseconds)
        network = cluster.network.counters
        traffic = cluster.traffic
        for name in cluster.names { disks.add(cluster.disk(of: name).faultCounters) }
    }
}
