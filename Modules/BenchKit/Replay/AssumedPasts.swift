internal import Checking

/// Says what writes without a context had seen where a history does not: what was acknowledged before they began.
///
/// That is the client's intention, as `lost-writes` reads it too, and what a coordinator holds in a cluster at rest.
/// ``IndexedHistory`` leaves such pasts open, as a checker must; a replay has to decide.
struct AssumedPasts {
    private(set) var history: History
    /// Writes whose past was assumed.
    private(set) var assumed = 0
    /// Writes without a context that saw nothing by the record, though something had been acknowledged before.
    private(set) var blind = 0

    private let heldPast: ReplayOptions.HeldPast

    /// - Complexity: O(events x siblings), of siblings at most ``ReplayLimits/assumedEvents``.
    init(_ history: History, _ index: IndexedHistory, _ heldPast: ReplayOptions.HeldPast) {
        self.history = history
        self.heldPast = heldPast
        for key in index.keys { fill(key, index.operations) }
    }

    private func isAssumed(_ event: KeyEvent, _ operations: [HistoryOperation]) -> Bool {
        guard event.outcome != .failed, operations[event.operation].basis == .held else { return false }
        guard let saw = operations[event.operation].saw else { return true }
        return heldPast == .acknowledged && saw.isEmpty && event.isAcknowledged
    }

    private mutating func fill(_ key: KeyHistory, _ operations: [HistoryOperation]) {
        let acknowledged = key.events.indices.filter { key.events[$0].isAcknowledged }
            .sorted { (key.events[$0].end, $0) < (key.events[$1].end, $1) }
        let assumes = key.events.map { isAssumed($0, operations) }
        countBlind(key, assumes, firstEnd: acknowledged.first.map { key.events[$0].end }, operations)
        guard assumes.contains(true) else { return }

        /// Ties go by number, so that two at one instant do not see each other.
        func isOver(_ event: Int, before later: Int) -> Bool {
            let (end, start) = (key.events[event].end, key.events[later].start)
            return end != start ? end < start : event < later
        }
        var latest: [Int] = []
        var position = 0
        for event in key.events.indices where assumes[event] {
            while position < acknowledged.count, isOver(acknowledged[position], before: event) {
                let new = acknowledged[position]
                latest.removeAll { assumes[new] ? isOver($0, before: new) : key.isPast($0, of: new) }
                latest.append(new)
                if latest.count > ReplayLimits.assumedEvents { latest.removeFirst() }
                position += 1
            }
            history.operations[key.events[event].operation].saw = latest.map { key.events[$0].id }
            assumed += 1
        }
    }

    private mutating func countBlind(
        _ key: KeyHistory, _ assumes: [Bool], firstEnd: Int64?, _ operations: [HistoryOperation]
    ) {
        guard let firstEnd else { return }
        for (index, event) in key.events.enumerated() where event.isAcknowledged && !assumes[index] {
            guard operations[event.operation].basis == .held, operations[event.operation].saw?.isEmpty == true,
                firstEnd < event.start
            else { continue }
            blind += 1
        }
    }
}
