internal import Checking

/// Brings the events of one key into a causal order and finds what each saw directly.
///
/// ``KeyHistory`` answers whether one event is in the past of another. Starts are a causal order but for writes that
/// took long and saw what started after them; these wait for it. What an event saw directly is found by going down from
/// the latest events, through those that it did not see: O(siblings) an event, where a search of its whole past would
/// be O(events).
struct ReplayKeyBuilder {
    private let key: KeyHistory
    private let operations: [HistoryOperation]
    private let takesPart: [Bool]
    private var eventOfID: [Int: Int] = [:]
    private var order: [Int] = []
    /// When an event was placed: its index in ``order``.
    private var placed: [Int]
    private var direct: [[Int]]
    private var times: [Int64]
    private var frontier: [Int] = []
    private var isInFrontier: [Bool]
    /// The event whose past was last sought through each event.
    private var visitor: [Int]

    /// - Parameter takesPart: which events are replayed, by number.
    init(_ key: KeyHistory, _ operations: [HistoryOperation], takesPart: [Bool]) {
        self.key = key
        self.operations = operations
        self.takesPart = takesPart
        let count = key.events.count
        placed = [Int](repeating: .max, count: count)
        direct = [[Int]](repeating: [], count: count)
        times = key.events.map(\.start)
        isInFrontier = [Bool](repeating: false, count: count)
        visitor = [Int](repeating: -1, count: count)
        for (index, event) in key.events.enumerated() { eventOfID[event.id] = index }
    }

    mutating func build() -> ReplayKey {
        for event in key.events.indices where placed[event] == .max { place(event) }
        for event in order where takesPart[event] { link(event) }
        let sorted = order.filter { takesPart[$0] }.sorted { (times[$0], placed[$0]) < (times[$1], placed[$1]) }
        var positions = [Int](repeating: -1, count: key.events.count)
        for (position, event) in sorted.enumerated() { positions[event] = position }
        let events = sorted.map { event in
            ReplayEvent(
                index: event, direct: direct[event].map { positions[$0] }.sorted(), time: times[event],
                isMaximal: isInFrontier[event])
        }
        return ReplayKey(history: key, events: events, reads: reads(positions))
    }

    private func reads(_ positions: [Int]) -> [ReplayRead] {
        key.reads.compactMap { read in
            let shown = read.shown.map { positions[$0] }.filter { $0 >= 0 }
            guard read.unresolved == 0, !shown.isEmpty else { return nil }
            return ReplayRead(id: read.id, shown: shown, values: operations[read.operation].values.count)
        }
    }
}

/// The causal order.
extension ReplayKeyBuilder {
    private struct Frame {
        let event: Int
        /// What has to be placed before, the next one last.
        var waiting: [Int]
    }

    /// Places an event after all of its past; everything with a lesser number is placed already.
    private mutating func place(_ root: Int) {
        var frames = [Frame(event: root, waiting: unplacedPast(of: root, from: root))]
        while var frame = frames.popLast() {
            if let next = frame.waiting.popLast() {
                frames.append(frame)
                if placed[next] == .max {
                    frames.append(Frame(event: next, waiting: unplacedPast(of: next, from: root)))
                }
            } else if placed[frame.event] == .max {
                placed[frame.event] = order.count
                order.append(frame.event)
            }
        }
    }

    private func unplacedPast(of event: Int, from first: Int) -> [Int] {
        func isWaitedFor(_ other: Int) -> Bool { placed[other] == .max && key.isPast(other, of: event) }
        if let saw = operations[key.events[event].operation].saw {
            return saw.compactMap { eventOfID[$0] }.filter(isWaitedFor).sorted(by: >)
        }
        // A derived past is of what was shown or acknowledged by then, so it started before the event was over.
        let last = min(key.events.count, max(first, event) + ReplayLimits.laterStarts)
        var found: [Int] = []
        for other in first..<last {
            if other > event, key.events[other].start > key.events[event].end { break }
            if isWaitedFor(other) { found.append(other) }
        }
        return found.reversed()
    }
}

/// What each event saw directly.
extension ReplayKeyBuilder {
    private mutating func link(_ event: Int) {
        let found = directPast(of: event)
        direct[event] = found
        for other in found {
            let (later, overflow) = times[other].addingReportingOverflow(1000)
            times[event] = max(times[event], overflow ? .max : later)
        }
        if found.contains(where: { isInFrontier[$0] }) {
            for other in found { isInFrontier[other] = false }
            frontier.removeAll { !isInFrontier[$0] }
        }
        isInFrontier[event] = true
        frontier.append(event)
    }

    private mutating func directPast(of event: Int) -> [Int] {
        let operation = operations[key.events[event].operation]
        if let saw = operation.saw {
            if saw.isEmpty { return [] }
            let known = saw.compactMap { eventOfID[$0] }
            if known.count <= ReplayLimits.shortList, known.allSatisfy({ takesPart[$0] }) {
                return latest(of: known.filter { placed[$0] < placed[event] && key.isPast($0, of: event) })
            }
        } else if operation.basis == .none {
            return []
        }
        return latest(of: search(event))
    }

    /// The first events of the past of `event` on every way down from the latest ones.
    private mutating func search(_ event: Int) -> [Int] {
        var found: [Int] = []
        var pending = frontier
        for other in pending { visitor[other] = event }
        while let other = pending.popLast() {
            if key.isPast(other, of: event) {
                found.append(other)
                continue
            }
            for next in direct[other] where visitor[next] != event {
                visitor[next] = event
                pending.append(next)
            }
        }
        return found
    }

    /// Those that none of the others saw, each once.
    private func latest(of candidates: [Int]) -> [Int] {
        if candidates.count < 2 { return candidates }
        var kept: [Int] = []
        for candidate in candidates.sorted() where kept.last != candidate {
            // Nobody saw one of the frontier.
            if !isInFrontier[candidate], candidates.contains(where: { key.isPast(candidate, of: $0) }) { continue }
            kept.append(candidate)
        }
        return kept
    }
}
