internal import Analysis
internal import Checking
internal import Simulation
internal import SimulationKit
internal import StatorCore
internal import Workload

extension RunRecord {
    /// What a simulated run brought.
    init(_ run: MatrixPlan.Run, _ result: RunResult, _ file: SimulationFile) {
        self.init(run)
        hash = "\(Token(result.hash))"
        failures = result.failures
        failures += result.report.verdicts.filter(\.fails).map { verdict in
            "\(verdict.checker): \(verdict.violations.first?.message ?? "\(verdict.violationCount) violations")"
        }
        if !result.failures.isEmpty { flags.append(RunFlag.brokeOff) }
        if result.report.verdicts.contains(where: \.fails) { flags.append(RunFlag.brokenPromise) }
        note(result.report)
        guard let measured = result.measurements else { return }
        noteSpeed(measured.speed)
        noteSimulated(measured, file)
        if let staleness = measured.staleness { note(staleness) }
        judgeStationarity(measured.slices)
        if file.workload.loop == .open, measured.neverSent > 0 { flags.append(RunFlag.saturated) }
    }

    init(_ run: MatrixPlan.Run) {
        self.init(number: run.number, cell: run.cell, arm: run.arm, repetition: run.repetition, seed: run.seed)
    }

    // MARK: What checkers found

    /// The rates that are published whether or not they are promised.
    mutating func note(_ report: CheckReport) {
        let rates: [(metric: String, checker: String, rate: String)] = [
            ("lostWriteShare", LostWrites.name, "lost acknowledged writes"),
            ("lostToSupersededShare", LostWrites.name, "lost to what they had superseded"),
            ("falseConcurrencyShare", FalseConcurrency.name, "reads of siblings that show a superseded one"),
        ]
        for entry in rates {
            guard let rate = report.verdict(of: entry.checker)?.rate(entry.rate) else { continue }
            set(entry.metric, rate.fraction)
        }
        let shares: [(metric: String, checker: String)] = [
            ("resurrectedShare", ResurrectedDeletes.name), ("readYourWritesShare", ReadYourWrites.name),
            ("monotonicReadsShare", MonotonicReads.name), ("monotonicWritesShare", MonotonicWrites.name),
            ("writesFollowReadsShare", WritesFollowReads.name),
        ]
        for entry in shares {
            guard let verdict = report.verdict(of: entry.checker) else { continue }
            set(entry.metric, verdict.checked > 0 ? Double(verdict.violationCount) / Double(verdict.checked) : 0)
        }
    }

    mutating func note(_ staleness: StalenessFigures) {
        set("staleReadShare", staleness.staleShare)
        if let median = staleness.time(atShare: 0.5) { set("tVisibilityP50Milliseconds", Double(median) / 1e6) }
        if let late = staleness.time(atShare: 0.99) { set("tVisibilityP99Milliseconds", Double(late) / 1e6) }
        if !staleness.counts.isEmpty { set("kStalenessMean", staleness.meanEventsBehind) }
        let points = staleness.ages.indices.filter { staleness.all[$0] > 0 }.map { index in
            RunSeries.Point(
                x: Double(staleness.ages[index]) / 1e6,
                y: Double(staleness.fresh[index]) / Double(staleness.all[index]), weight: Double(staleness.all[index]))
        }
        add("freshness", points)
    }

    // MARK: What the simulator saw

    private mutating func noteSimulated(_ measured: RunMeasurements, _ file: SimulationFile) {
        let traffic = measured.traffic
        let shares = [traffic.foreground, traffic.hints, traffic.sync, traffic.transfer, traffic.membership]
        let seconds = measured.span.seconds
        let nodes = Double(max(1, measured.loads.count))
        set("bytesPerOperation", Double(shares.reduce(0) { $0 + $1.bytes }), over: measured.succeeded)
        set("messagesPerOperation", Double(shares.reduce(0) { $0 + $1.messages }), over: measured.succeeded)
        set("foregroundBytesPerOperation", Double(traffic.foreground.bytes), over: measured.succeeded)
        set("membershipBytesPerNodeSecond", Double(traffic.membership.bytes) / nodes / seconds)
        set("hintBytes", Double(traffic.hints.bytes))
        set("syncBytes", Double(traffic.sync.bytes))
        set("transferBytes", Double(traffic.transfer.bytes))
        if let bytes = measured.metadataBytes { set("metadataBytesPerObject", bytes) }
        noteRepair(measured)
        noteBalance(measured, members: file.cluster.nodes)
    }

    private mutating func noteRepair(_ measured: RunMeasurements) {
        if let convergence = measured.convergence { set("convergenceSeconds", convergence.seconds) }
        if let first = measured.divergence.first { set("keysDifferingAtHeal", Double(first.keys)) }
        let after = measured.trafficAfterFaults
        set("syncBytesAfterFaults", Double(after.sync.bytes))
        set("repairBytesAfterFaults", Double(after.sync.bytes + after.hints.bytes + after.transfer.bytes))
        add("divergence", measured.divergence.map { .init(x: $0.after.seconds, y: Double($0.keys)) })
        let noticed = measured.detections.map(\.seconds).sorted()
        if !noticed.isEmpty { set("detectionMilliseconds", noticed[noticed.count / 2] * 1000) }
        let absences = noticed.count + measured.undetected
        if absences > 0 { set("undetectedShare", Double(measured.undetected) / Double(absences)) }
        if measured.watchedHours > 0 {
            set("falseSuspicionsPerNodeHour", Double(measured.falseSuspicions) / measured.watchedHours)
        }
    }

    private mutating func noteBalance(_ measured: RunMeasurements, members: Int) {
        noteLoads(measured.loads.map(Double.init), members: members)
        if let most = measured.ownership.max() {
            let mean = measured.ownership.reduce(0, +) / Double(measured.ownership.count)
            if mean > 0 { set("ownershipImbalance", most / mean) }
        }
        guard !measured.moves.isEmpty else { return }
        let moved = measured.moves.reduce(0) { $0 + $1.moved }
        let least = measured.moves.reduce(0) { $0 + $1.least }
        set("movedShare", moved / Double(measured.moves.count))
        if least > 0 { set("movedOverLeast", moved / least) }
    }
}

extension RunMeasurements {
    var speed: SpeedFigures {
        SpeedFigures(
            span: span, offered: offered, succeeded: succeeded, unknown: unknown, histograms: histograms, reads: reads,
            readsOfSiblings: readsOfSiblings, versionsShown: versionsShown, slices: slices)
    }
}
