internal import DequeModule
internal import StatorCore

/// When keys were last repaired, for `explain`: the latest of them. Keys are copied: one out of a message would keep the
/// whole message, with the records in it.
struct RepairTimes {
    private var times: [Key: WallTime] = [:]
    private(set) var order = Deque<Key>()

    subscript(key: Key) -> WallTime? { times[key] }

    mutating func note(_ key: Key, at time: WallTime) {
        guard times[key] == nil else {
            times[key] = time
            return
        }
        let kept = key.compacted()
        times[kept] = time
        order.append(kept)
        if order.count > ReplicationLimits.rememberedRepairs, let oldest = order.popFirst() {
            times[oldest] = nil
        }
    }
}

extension ShardContext {
    mutating func noteRepair(_ key: Key) { repairs.note(key, at: now.wall) }
}
