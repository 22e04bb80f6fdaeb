import Replication
import StatorCore
import Storage

/// Sums over the shards of a node.
struct PageTotals {
    var records = 0
    var tombstones = 0
    var liveBytes = 0
    var diskBytes = 0
    var deadBytes = 0
    var hintsPending = 0
    var hintBytesPending = 0
    var requestsInFlight = 0
    var repairBytesHeld = 0
    var recordsNotHandedOver = 0
    /// Of the node's owned ranges, in 0 ... 1, the shards weighing the same.
    var recoveringFraction = 0.0
    private let shards: [ShardInspection]

    init(_ shards: [ShardInspection]) {
        self.shards = shards
        for shard in shards {
            records += shard.storage.records
            tombstones += shard.storage.tombstones
            liveBytes += shard.storage.liveBytes
            diskBytes += shard.storage.diskBytes
            deadBytes += shard.storage.deadBytes
            requestsInFlight += shard.requestsInFlight
            repairBytesHeld += shard.repairBytesHeld
            recordsNotHandedOver += shard.recordsNotHandedOver
            recoveringFraction += shard.recoveringFraction / Double(shards.count)
            for backlog in shard.hintsWaiting {
                hintsPending += backlog.count
                hintBytesPending += backlog.bytes
            }
        }
    }

    func sum(_ counter: KeyPath<ShardCounters, Int>) -> Int {
        shards.reduce(0) { $0 + $1.counters[keyPath: counter] }
    }

    var areHintsFull: Bool { shards.contains { $0.areHintsFull } }

    /// Hints waiting, by target, over all shards.
    var hintsWaiting: [HintBacklog] {
        var found: [HintBacklog] = []
        for backlog in shards.flatMap(\.hintsWaiting).sorted(by: { $0.target < $1.target }) {
            if let last = found.last, last.target == backlog.target {
                found[found.count - 1].count += backlog.count
                found[found.count - 1].bytes += backlog.bytes
                found[found.count - 1].age = max(found[found.count - 1].age, backlog.age)
            } else {
                found.append(backlog)
            }
        }
        return found
    }
}
