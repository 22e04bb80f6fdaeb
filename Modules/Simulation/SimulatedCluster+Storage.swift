internal import NodeCore
internal import Replication
internal import StatorCore
internal import Storage

/// The stores of a shard in virtual time. What is gathered, written, synced and acknowledged together is the production
/// queue's affair (``StoreQueue``); here its two threads take their time, and a disk takes its own.
extension SimulatedCluster {
    func execute(
        _ command: StorageCommand, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode,
        _ shard: SimulatedShard
    ) {
        if case .apply(let write) = command, watchesStorage || isTraced { tell(of: write, ticket, store, node, shard) }
        let result: StorageResult
        if shard.isMemoryResident {
            result = shard.intake.refusal ?? shard.queue.perform(command, on: store)
        } else if let refused = shard.intake.submit(ticket, store, command) {
            result = refused
        } else {
            return note(staged: shard, of: node)
        }
        if case .apply = command { acknowledge(ticket, store, node, shard, result) }
        schedule(.storage(Int32(node.index), shard: UInt8(shard.index), ticket, result, life: node.life), at: present)
    }

    /// The end of a turn: its commands go to the threads.
    func handOver(_ node: SimulatedNode, _ shard: SimulatedShard) {
        guard node.isUp, shard.intake.hasStaged else { return }
        let requests = shard.intake.takeStaged()
        if requests.contains(where: \.isApply) { planBackground(node, shard) }
        post(.commands(requests), node, shard)
    }

    private func post(_ job: StoreJob, _ node: SimulatedNode, _ shard: SimulatedShard) {
        shard.threads.add(job)
        if !shard.threads.isDraining { drain(node, shard) }
    }

    /// A thread takes what waits. What it reads takes time; until then it holds its completions back.
    private func drain(_ node: SimulatedNode, _ shard: SimulatedShard) {
        shard.threads.isDraining = true
        let jobs = shard.threads.takeJobs()
        var cost: Int64 = 0
        for case .commands(let requests) in jobs {
            for request in requests where request.isLoad { cost += loadTime.draw(using: &random) }
        }
        cost = slowed(cost, node)
        shard.threads.step = shard.queue.carryOut(jobs)
        guard cost > 0 else { return finishStep(node, shard) }
        schedule(.storesCarriedOut(Int32(node.index), shard: UInt8(shard.index), life: node.life), at: later(cost))
    }

    private func slowed(_ nanoseconds: Int64, _ node: SimulatedNode) -> Int64 {
        let faults = node.disk.faults
        if faults.slowness == 1 { return nanoseconds }
        let slow = Int64(Double(nanoseconds) * faults.slowness)
        guard let until = faults.slowUntil else { return slow }
        return min(slow, max(0, until.nanoseconds - present.nanoseconds) + nanoseconds)
    }

    private func later(_ nanoseconds: Int64) -> Instant { Instant(nanoseconds: present.nanoseconds + nanoseconds) }

    /// The thread reports, then syncs while the other one goes on, or does background work.
    func finishStep(_ node: SimulatedNode, _ shard: SimulatedShard) {
        let (step, life) = (shard.threads.step, node.life)
        shard.threads.step = nil
        // Whoever looks on may end the node at any of them.
        for completion in step?.completions ?? [] where node.isUp && node.life == life {
            if let store = shard.threads.watched.removeValue(forKey: completion.ticket.number) {
                acknowledge(completion.ticket, store, node, shard, completion.result)
            }
            shard.intake.noteAnswered(1)
            run(node, shard: shard.index, .storage(completion.ticket, completion.result))
        }
        guard node.isUp, node.life == life else { return }
        if let round = step?.round {
            shard.threads.begin(round, isEarly: random.chance(0.5))
            let due = later(slowed(syncTime.draw(using: &random), node))
            schedule(.syncRan(Int32(node.index), shard: UInt8(shard.index), life: node.life), at: due)
        } else if shard.queue.wantsMaintenance {
            shard.queue.maintain()
        }
        if shard.threads.hasJobs || shard.queue.wantsMaintenance {
            drain(node, shard)
        } else {
            shard.threads.isDraining = false
        }
    }

    func finishSync(_ node: SimulatedNode, _ shard: SimulatedShard) {
        if let outcome = shard.threads.endRound() { post(.synced(outcome), node, shard) }
    }

    // MARK: In the background

    /// What production does at intervals has nothing to do until something was written: it is planned only then.
    private func planBackground(_ node: SimulatedNode, _ shard: SimulatedShard) {
        let (index, place, life) = (Int32(node.index), UInt8(shard.index), node.life)
        if !shard.threads.isMaintenancePlanned {
            shard.threads.isMaintenancePlanned = true
            schedule(.maintenance(index, shard: place, life: life), after: NodeCoreLimits.maintenanceInterval)
        }
        if shard.durability.mode == .interval, !shard.threads.isSyncPlanned {
            shard.threads.isSyncPlanned = true
            schedule(.syncDue(index, shard: place, life: life), after: shard.durability.interval)
        }
    }

    func syncDue(_ node: SimulatedNode, _ shard: SimulatedShard) {
        shard.threads.isSyncPlanned = false
        post(.syncNow, node, shard)
    }

    func maintain(_ node: SimulatedNode, _ shard: SimulatedShard) {
        shard.threads.isMaintenancePlanned = false
        post(.maintain, node, shard)
    }

    // MARK: Who looks on

    /// What a machine writes to stores in memory is told as if it had been a command, which is done at once.
    func listen(to shard: SimulatedShard, of node: SimulatedNode) {
        shard.queue.onResidentWrite = { [unowned self, unowned node, unowned shard] write, store in
            guard watchesStorage || isTraced else { return }
            residentWrites += 1
            let ticket = StorageTicket(UInt64.max - residentWrites)
            tell(of: write, ticket, store, node, shard)
            acknowledge(ticket, store, node, shard, .applied)
        }
    }

    private func tell(
        of write: StorageWrite, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode,
        _ shard: SimulatedShard
    ) {
        var stored: StoredRecord?
        switch write {
        case .put(let record):
            stored = record
            trace?(.applied(node.node, store, record))
        case .remove(let token, let key): trace?(.removed(node.node, store, token, key))
        }
        guard watchesStorage else { return }
        shard.threads.watched[ticket.number] = store
        watcher?.submitted(
            StorageWriteNotice(
                ticket: ticket, node: node.index, shard: shard.index, store: store, token: write.token, key: write.key,
                record: stored))
    }

    private func acknowledge(
        _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, _ shard: SimulatedShard,
        _ result: StorageResult
    ) {
        guard watchesStorage else { return }
        shard.threads.watched[ticket.number] = nil
        let succeeded = if case .applied = result { true } else { false }
        watcher?.acknowledged(ticket, node: node.index, shard: shard.index, store: store, succeeded: succeeded)
    }
}

extension StorageRequest {
    fileprivate var isApply: Bool { if case .apply = command { true } else { false } }

    /// Whether the disk is read for it. Sizes are known to the index.
    fileprivate var isLoad: Bool {
        switch command {
        case .load, .scan: true
        case .apply, .measure: false
        }
    }
}
