internal import Replication
internal import StatorCore
internal import Storage

/// Storage commands in virtual time: engines run at once, their completions take the disk's time. Writes that arrive
/// while a sync is under way form the next group.
extension SimulatedCluster {
    func execute(
        _ command: StorageCommand, _ ticket: StorageTicket, _ store: StoreName, _ node: SimulatedNode, shard: Int
    ) {
        let engine = node.shards[shard].engine(store)
        let latency: Duration = engine.isMemoryResident ? .zero : loadLatency
        do throws(StorageError) {
            switch command {
            case .load(let token, let key):
                let found = try engine.record(for: key, token: token)
                answer(.loaded(found), ticket, node, shard: shard, after: latency)
            case .scan(let range, let cursor, let limit):
                var entries: [RecordMetadata] = []
                let next = engine.scan(range, after: cursor, limit: limit, into: &entries)
                answer(.scanned(entries, next: next), ticket, node, shard: shard, after: latency)
            case .apply(let batch):
                try engine.apply(batch)
                if engine.isMemoryResident || node.blueprint.durability.mode != .groupCommit {
                    answer(.applied, ticket, node, shard: shard, after: latency)
                } else {
                    node.shards[shard].waiting[store, default: []].append(ticket)
                    beginSync(node, shard: shard, store)
                }
            }
        } catch {
            answer(.failed(error), ticket, node, shard: shard, after: latency)
        }
    }

    private func answer(
        _ result: StorageResult, _ ticket: StorageTicket, _ node: SimulatedNode, shard: Int, after delay: Duration
    ) {
        schedule(.storage(node.node, shard: shard, ticket, result, life: node.life), after: delay)
    }

    private func beginSync(_ node: SimulatedNode, shard: Int, _ store: StoreName) {
        let simulated = node.shards[shard]
        guard simulated.syncing[store, default: []].isEmpty, !simulated.waiting[store, default: []].isEmpty else {
            return
        }
        simulated.syncing[store] = simulated.waiting[store]
        simulated.waiting[store] = []
        schedule(.sync(node.node, shard: shard, store, life: node.life), after: syncLatency)
    }

    /// The time of the sync has passed: what was applied before it began is made durable and acknowledged.
    func finishSync(_ node: SimulatedNode, shard: Int, _ store: StoreName) {
        let simulated = node.shards[shard]
        let engine = simulated.engine(store)
        let tickets = simulated.syncing[store] ?? []
        simulated.syncing[store] = []
        var outcome = Result<Void, StorageError>.success(())
        do {
            if let job = try engine.beginSync() {
                do { try job.run() } catch { outcome = .failure(error) }
                engine.endSync(outcome)
            }
        } catch {
            outcome = .failure(error)
        }
        for ticket in tickets {
            switch outcome {
            case .success: answer(.applied, ticket, node, shard: shard, after: .zero)
            case .failure(let error): answer(.failed(error), ticket, node, shard: shard, after: .zero)
            }
        }
        beginSync(node, shard: shard, store)
    }
}
