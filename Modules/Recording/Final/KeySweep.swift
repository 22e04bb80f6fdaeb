internal import Checking
internal import StatorCore

/// Reads many keys side by side, again and again until each is answered.
struct KeySweep {
    let settings: RecordingSettings
    let clock: HistoryClock
    /// Reads all replicas, marked final.
    let isFinal: Bool
    let rounds: Int
    /// When no read is begun any more, by the clock.
    let end: Int64

    /// - Parameters:
    ///   - keys: each once.
    ///   - firstID: that of the first read that is returned; the others follow.
    /// - Returns: for each key the read that was answered, or the last that was not, in the order of the keys; nothing
    ///   for keys that were not read by the end.
    func run(_ keys: [String], firstID: Int) async -> (reads: [HistoryOperation], names: NodeNames) {
        var reads = [HistoryOperation?](repeating: nil, count: keys.count)
        var names = NodeNames()
        var open = Array(keys.indices)
        for round in 0..<rounds where !open.isEmpty {
            if round > 0 {
                guard await clock.pause(RecordingLimits.pauseBetweenRounds.nanoseconds, until: end) else { break }
            }
            let result = await readOnce(open, of: keys, round: round)
            for (index, read) in result.reads { reads[index] = read }
            names.add(result.names)
            open.removeAll { reads[$0]?.outcome == .ok }
        }
        var found = reads.compactMap(\.self)
        for index in found.indices { found[index].id = firstID + index }
        return (found, names)
    }

    private func readOnce(
        _ open: [Int], of keys: [String], round: Int
    ) async -> (reads: [(Int, HistoryOperation)], names: NodeNames) {
        let workers = min(settings.clients, open.count)
        return await withTaskGroup(of: ([(Int, HistoryOperation)], NodeNames).self) { group in
            for worker in 0..<workers {
                let share = stride(from: worker, to: open.count, by: workers).map { open[$0] }
                group.addTask { await read(share, of: keys, first: worker + round) }
            }
            var all: (reads: [(Int, HistoryOperation)], names: NodeNames) = ([], NodeNames())
            for await (reads, names) in group {
                all.reads += reads
                all.names.add(names)
            }
            return all
        }
    }

    private func read(
        _ share: [Int], of keys: [String], first: Int
    ) async -> ([(Int, HistoryOperation)], NodeNames) {
        var nodes = NodeSet(settings.nodes, clock: clock, first: first)
        var random = RandomGenerator(seed: UInt64(first))
        var reads: [(Int, HistoryOperation)] = []
        for index in share {
            guard !Task.isCancelled, clock.now < end else { break }
            // A node is kept while it answers, and every round begins with another one.
            nodes.choose(sticky: true, &random)
            var operation = HistoryOperation(
                id: 0, client: settings.clients, kind: .read, key: keys[index], start: 0, end: 0, isFinal: isFinal)
            await nodes.carryOut(&operation, timeout: settings.requestTimeout, clock)
            reads.append((index, operation))
        }
        nodes.close()
        return (reads, NodeNames(nodes, settings))
    }
}
