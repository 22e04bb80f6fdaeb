internal import Analysis
internal import Checking
internal import NIOCore
internal import NodeClient
internal import Processes
internal import Recording
internal import SimulationKit
internal import StatorCore
internal import Synchronization
internal import Workload

/// What real runs have in common: the load, the nodes' counters around it, and the checks afterwards.
struct RealRun: Sendable {
    let run: MatrixPlan.Run
    let file: SimulationFile
    let urls: [NodeURL]
    /// Of each node, in the order of ``urls``; empty where the processes are not ours.
    let figures: @Sendable () -> [ProcessFigures?]
    /// Whether every node is there still: replicas of a dead one never answer a final read.
    let isWhole: @Sendable () -> Bool

    /// - Parameter faults: carried out while the measured span lasts.
    func carryOut(faults: @escaping @Sendable () async -> Void) async -> RunRecord {
        var record = RunRecord(run)
        let before = FirstLook()
        let load = LoadRun(settings)
        // Faults are counted from the beginning of the measured span, which keys that are loaded put off.
        let (begins, begin) = AsyncStream<Void>.makeStream()
        var tally = await withTaskGroup(of: LoadTally?.self) { group in
            group.addTask {
                let tally = await load.run(measuring: {
                    begin.yield()
                    let totals = await self.totals()
                    before.totals.withLock { $0 = totals }
                })
                begin.finish()
                return tally
            }
            group.addTask {
                for await _ in begins { await faults() }
                return nil
            }
            var tally: LoadTally?
            for await one in group { if let one { tally = one } }
            return tally ?? LoadTally(span: 0..<1)
        }
        let after = await totals()
        record.noteSpeed(tally.speed)
        note(before.totals.withLock { $0 }, after, tally, &record)
        record.judgeStationarity(tally.speed.slices)
        if tally.isSaturated { record.flags.append(RunFlag.saturated) }
        await check(&tally, &record)
        return record
    }

    private var settings: LoadSettings {
        var settings = LoadSettings(
            nodes: urls, workload: file.workload, trace: file.trace, keyPrefix: "m\(run.number)-\(run.seed)-",
            span: file.phases.faults)
        settings.warmUp = file.phases.warmUp
        settings.seed = run.seed
        settings.loadsKeys = file.phases.loadsKeys
        settings.keepsHistory = true
        return settings
    }

    private func totals() async -> NodeTotals {
        let figures = figures()
        return await NodeTotals.of(
            urls.enumerated().map { ($1, figures.indices.contains($0) ? figures[$0] : nil) })
    }

    private func note(_ before: NodeTotals, _ after: NodeTotals, _ tally: LoadTally, _ record: inout RunRecord) {
        // A node that was started again counts from 0.
        func growth(_ path: KeyPath<NodeTotals, [Int]>) -> [Int] {
            zip(before[keyPath: path], after[keyPath: path]).map { $1 >= $0 ? $1 - $0 : $1 }
        }
        let (bytes, frames) = (growth(\.bytesSent).reduce(0, +), growth(\.framesSent).reduce(0, +))
        let answered = tally.speed.answered
        record.set("bytesPerOperation", Double(bytes), over: answered)
        record.set("messagesPerOperation", Double(frames), over: answered)
        record.noteLoads(growth(\.loads).map(Double.init), members: urls.count)
        record.set("diskBytesPerNode", Double(after.diskBytes), over: urls.count)
        let running = after.figures.compactMap(\.self).filter { $0.residentBytes > 0 }
        record.set("residentBytesPerNode", Double(running.reduce(0) { $0 + $1.residentBytes }), over: running.count)
        let (earlier, later) = (before.figures.compactMap(\.self), after.figures.compactMap(\.self))
        guard !later.isEmpty, earlier.count == urls.count, later.count == urls.count else { return }
        let spent = later.reduce(0) { $0 + $1.processorSeconds } - earlier.reduce(0) { $0 + $1.processorSeconds }
        record.set("cpuMicrosecondsPerOperation", spent * 1e6, over: answered)
    }

    // MARK: What clients saw

    /// Waits until hints are delivered, reads every key from all replicas, and has the history checked.
    private func check(_ tally: inout LoadTally, _ record: inout RunRecord) async {
        guard tally.operations.count <= LoadLimits.historyOperations, !Task.isCancelled else { return }
        var recording = RecordingSettings(nodes: urls, keyPrefix: "x")
        recording.clients = min(file.workload.clients, 32)
        recording.finalDuration = file.phases.settle
        let recorder = Recorder(recording)
        let begun = ContinuousClock.now
        guard isWhole() else { return judge(History(tally.operations), tally, &record) }
        let unsettled = await recorder.settle()
        if unsettled.isEmpty { record.set("convergenceSeconds", (ContinuousClock.now - begun).seconds) }
        let worked = RecordedHistory(history: History(tally.operations), elapsed: .zero)
        var history = await recorder.readFinally(worked).history
        // The final reads are of the recorder's clock, and later than all else.
        let last = tally.operations.map(\.end).max() ?? 0
        for index in history.operations.indices where history.operations[index].isFinal {
            history.operations[index].start += last
            history.operations[index].end += last
            history.operations[index].values = history.operations[index].values.map(LoadValue.name(of:))
        }
        judge(history, tally, &record)
    }

    private func judge(_ history: History, _ tally: LoadTally, _ record: inout RunRecord) {
        let indexed = IndexedHistory(history)
        let report = HistoryChecks.report(indexed, Promises(file))
        record.note(report)
        record.note(Staleness.figures(indexed, in: tally.span, ages: StalenessFigures.fineAges))
        guard !report.isClean else { return }
        record.flags.append(RunFlag.brokenPromise)
        record.failures += report.verdicts.filter(\.fails).map { verdict in
            "\(verdict.checker): \(verdict.violations.first?.message ?? "\(verdict.violationCount) violations")"
        }
    }
}

/// What the nodes had counted when measuring began.
private final class FirstLook: Sendable {
    let totals = Mutex(NodeTotals())
}
