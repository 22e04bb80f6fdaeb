internal import Checking

/// Says what writes had seen where a history does not, as it does for writes without a context or with one from
/// elsewhere: what was acknowledged before they began.
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

    private func isAssumed(
        _ event: KeyEvent, _ answered: Set<String>, _ operations: [HistoryOperation]
    ) -> Bool {
        if event.outcome == .failed { return false }
        let operation = operations[event.operation]
        switch (operation.basis, operation.saw) {
        case (.held, nil): return true
        case (.held, let saw?): return heldPast == .acknowledged && saw.isEmpty && event.isAcknowledged
        case (.context, nil): return !(operation.context.map(answered.contains) ?? false)
        default: return false
        }
    }

    /// The contexts that answers about the key carried, where any write's past is to be derived from them.
    private static func answered(_ key: KeyHistory, _ operations: [HistoryOperation]) -> Set<String> {
        let isDerived = key.events.contains {
            operations[$0.operation].basis == .context && operations[$0.operation].saw == nil
        }
        if !isDerived { return [] }
        var contexts: Set<String> = []
        for index in key.events.map(\.operation) + key.reads.map(\.operation) {
            if let context = operations[index].resultContext { contexts.insert(context) }
        }
        return contexts
    }

    private mutating func fill(_ key: KeyHistory, _ operations: [HistoryOperation]) {
        let acknowledged = key.events.indices.filter { key.events[$0].isAcknowledged }
            .sorted { (key.events[$0].end, $0) < (key.events[$1].end, $1) }
        let answered = AssumedPasts.answered(key, operations)
        let assumes = key.events.map { isAssumed($0, answered, operations) }
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
