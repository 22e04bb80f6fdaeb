internal import DequeModule
internal import StatorCore

/// When keys were last repaired, for `explain`: the latest of them.
struct RepairTimes {
    private var times: [Key: WallTime] = [:]
    private var order = Deque<Key>()

    subscript(key: Key) -> WallTime? { times[key] }

    mutating func note(_ key: Key, at time: WallTime) {
        if times.updateValue(time, forKey: key) == nil { order.append(key) }
        if order.count > ReplicationLimits.rememberedRepairs, let oldest = order.popFirst() {
            times[oldest] = nil
        }
    }
}

extension ShardContext {
    mutating func noteRepair(_ key: Key) { repairs.note(key, at: now.wall) }
}
