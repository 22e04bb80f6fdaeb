internal import Checking
internal import DequeModule
internal import Replication
internal import Simulation
internal import StatorCore

/// What the ledgers say at the end of a run, and what the configuration promises of it.
extension RunLedgers {
    /// Before any verdict: the cluster is at rest, what is known of it is complete.
    func lookAtEnd() {
        for (node, name) in cluster.names.enumerated() where cluster.isUp(name) {
            // The inspection also tells the strategies what they were not told yet.
            for (shard, inspection) in cluster.inspection(of: name).enumerated() {
                lookAtHints(node, shard, inspection)
                let index = node * shards + shard
                if index < shadows.count, shadows.count <= RunLedgers.maximumShadows,
                    let synchronizer = synchronizers[index]
                {
                    look(at: synchronizer, node, shard, .end)
                }
            }
        }
    }

    private func lookAtHints(_ node: Int, _ shard: Int, _ inspection: ShardInspection) {
        let counters = inspection.counters
        let waiting = inspection.hintsWaiting.reduce(0) { $0 + $1.count }
        hints.add(
            HintAccount(
                node: cluster.names[node], created: counters.hintsCreated, carriedOver: counters.hintsCarriedOver,
                pending: waiting, delivered: counters.hintsDelivered, covered: counters.hintsCovered,
                superseded: counters.hintsSuperseded, cancelled: counters.hintsCancelled, time: time))
        let place = place(node, shard, .hints)
        guard pending[place].isEmpty, time - lastConfirmed[place] >= RunLedgers.noticeTime, !book.isFailing[node]
        else { return }
        let stored = cluster.records(of: cluster.names[node], shard: shard, .hints).count { record in
            self.hint(record.key, record.token) != nil
        }
        hints.look(at: node, known: waiting, stored: stored, time: time, book)
    }

    func verdicts(_ promises: Promises) -> [Verdict] {
        // Damage that nobody has noticed is not doubt yet: a disk that was replaced is noticed at its start.
        let isFresh =
            promises.keepsAcknowledged && !file.changesRing && !file.faults.corruptsDisks
        return [
            acknowledgedCopies.verdict(isPromised: promises.keepsAcknowledged),
            remaining.verdict(isPromised: promises.keepsAcknowledged),
            counting.verdict(isPromised: promises.keepsAcknowledged && !file.changesRing),
            freshness.verdict(isPromised: isFresh),
            hints.verdict(promises),
            sessions.verdict(isPromised: true),
            indexes.verdict(isPromised: true),
        ]
    }
}
