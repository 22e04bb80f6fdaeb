internal import Checking
internal import ConflictResolution
internal import DequeModule
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore
internal import Workload

/// When clients begin: after a pause in a closed loop, when an operation is due in an open one; and the writes that fill
/// the store before either.
extension SimulationRun {
    /// Arrivals that may wait for a free session; what comes beyond is dropped, and counted as never sent.
    private static let maximumWaiting = 1_000_000

    func startClients() {
        areClientsWorking = true
        clientsBegan = cluster.time.nanoseconds
        guard file.workload.loop == .open else {
            for index in clients.indices { think(index) }
            return
        }
        arrivals = Arrivals(file.workload, random: random.split())
        idleClients = clients.indices.reversed()
        scheduleArrival()
    }

    func stopClients() {
        areClientsWorking = false
        meter?.neverSent(waitingArrivals)
        waitingArrivals.removeAll()
    }

    /// A step has come to its end.
    func goOn(_ index: Int) {
        if nextToLoad != nil {
            clients[index].rest()
            return loadNext(index)
        }
        guard file.workload.loop == .open else { return think(index) }
        clients[index].rest()
        if areClientsWorking, let intended = waitingArrivals.popFirst() {
            begin(index, intended: intended)
        } else {
            idleClients.append(index)
        }
    }

    private func think(_ index: Int) {
        let (generation, pause) = clients[index].think(mean: thinkNanoseconds)
        wake(.client(index, generation: generation), after: pause)
    }

    /// What a client does next. A trace that has come to its end has its clients read its last key.
    func nextStep(_ index: Int) -> WorkloadStep {
        guard let trace = file.trace else {
            return workload.next(&clients[index].random, inserted: keys.inserted)
        }
        let entry = trace.entries[min(traceCursor, trace.entries.count - 1)]
        traceCursor += 1
        if traceCursor >= trace.entries.count { areClientsWorking = false }
        return WorkloadStep(
            kind: entry.kind, key: entry.key, valueBytes: entry.valueBytes ?? file.workload.value.bytes)
    }

    // MARK: The open loop

    private func scheduleArrival() {
        guard let due = nextDue() else { return }
        wake(.arrival, after: clientsBegan + due - cluster.time.nanoseconds)
    }

    /// When the next operation is due, in nanoseconds since the clients began; `nil` where a trace has no more.
    private func nextDue() -> Int64? {
        guard let trace = file.trace, trace.hasTimes else { return arrivals?.next() }
        guard dueCursor < trace.entries.count else { return nil }
        defer { dueCursor += 1 }
        return trace.entries[dueCursor].nanoseconds.map { Int64(Double($0) / file.workload.traceSpeed) }
    }

    func arrive() {
        guard areClientsWorking else { return }
        let intended = cluster.time.nanoseconds
        if let index = idleClients.popLast() {
            begin(index, intended: intended)
        } else if waitingArrivals.count < SimulationRun.maximumWaiting {
            waitingArrivals.append(intended)
        } else {
            meter?.neverSent([intended])
        }
        scheduleArrival()
    }

    // MARK: Filling the store

    /// Writes every key once, as fast as the sessions are answered.
    func load() {
        guard file.phases.loadsKeys, keys.loaded > 0 else { return }
        nextToLoad = 0
        for index in clients.indices { loadNext(index) }
        let isDone = cluster.run(atMost: .seconds(24 * 3600)) {
            nextToLoad == keys.loaded && clients.allSatisfy { $0.pending == nil }
        }
        nextToLoad = nil
        if !isDone { failures.append("the keys could not be loaded within a day") }
    }

    private func loadNext(_ index: Int) {
        guard let key = nextToLoad, key < keys.loaded else { return }
        nextToLoad = key + 1
        clients[index].intended = cluster.time.nanoseconds
        clients[index].valueBytes = file.workload.value.bytes
        chooseNode(index)
        writePlainly(index, key)
    }

    // MARK: Batches

    /// Reads consecutive keys at once: one operation, answered when all are.
    func readBatch(_ index: Int, from first: Int) {
        var waiting: [SimulatedClient.Pending] = []
        for offset in 0..<file.workload.batchKeys {
            let key = (first + offset) % keys.entries.count
            let request = readRequest(key, isPlain: clients[index].isPlain)
            waiting.append(send(index, key, request, .read, isMeasured: false))
        }
        waitForAll(index, waiting)
    }

    /// Waits for several requests as one operation.
    func waitForAll(_ index: Int, _ waiting: [SimulatedClient.Pending]) {
        clients[index].batch = SimulatedClient.Batch(waiting: waiting, intended: clients[index].intended)
        wake(.client(index, generation: clients[index].beginWaiting()), after: patience)
    }

    func finishPart(_ index: Int, _ ticket: ClientTicket, _ response: ClientResponse) {
        guard let place = clients[index].batch?.waiting.firstIndex(where: { $0.ticket == ticket }),
            let pending = clients[index].batch?.waiting.remove(at: place)
        else { return }
        _ = conclude(index, pending, response)
        if operations[pending.operation].operation.outcome != .ok { clients[index].batch?.hasFailed = true }
        if clients[index].batch?.waiting.isEmpty == true { endBatch(index) }
    }

    func giveUpBatch(_ index: Int, _ reason: String) {
        for pending in clients[index].batch?.waiting ?? [] { forget(pending, of: index, reason) }
        clients[index].batch?.hasFailed = true
        endBatch(index)
    }

    private func endBatch(_ index: Int) {
        if let batch = clients[index].batch {
            let outcome: HistoryOperation.Outcome = batch.hasFailed ? .failed : .ok
            meter?.ends(.batch, outcome, intended: batch.intended, at: cluster.time.nanoseconds)
        }
        clients[index].batch = nil
        goOn(index)
    }
}
