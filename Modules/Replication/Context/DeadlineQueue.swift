internal import DequeModule
internal import HeapModule
internal import StatorCore

/// What a machine is to look after at a time. Entries are never cancelled: whoever is looked after and gone by then is
/// skipped.
///
/// Nearly all time-outs are among a few durations, so their ends come in order for each of them: those wait in lanes,
/// where putting in and taking out cost O(1), and only what fits into no lane goes into the heap.
struct DeadlineQueue<Subject> {
    private struct Entry: Comparable {
        let due: Instant
        let order: UInt64
        let subject: Subject

        static func < (left: Entry, right: Entry) -> Bool {
            left.due != right.due ? left.due < right.due : left.order < right.order
        }

        static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
    }

    private static var laneCount: Int { 3 }

    /// Each in the order of (due, insertion).
    private var lanes = [Deque<Entry>](repeating: Deque(), count: laneCount)
    private var heap = Heap<Entry>()
    private var inserted: UInt64 = 0
    private(set) var nextDue: Instant?

    /// O(1) where the due times of a lane rise, otherwise O(log entries).
    mutating func insert(_ subject: Subject, due: Instant) {
        let entry = Entry(due: due, order: inserted, subject: subject)
        inserted += 1
        if nextDue.map({ due < $0 }) ?? true { nextDue = due }
        // The lane whose end lies closest before the entry, so that lanes do not take each other's durations.
        var best: Int?
        for lane in lanes.indices {
            guard let end = lanes[lane].last?.due else {
                if best == nil { best = lane }
                continue
            }
            guard end <= due else { continue }
            if let known = best.flatMap({ lanes[$0].last?.due }), known >= end { continue }
            best = lane
        }
        if let best { lanes[best].append(entry) } else { heap.insert(entry) }
    }

    /// The earliest subject that is due, in the order of (due, insertion).
    mutating func popDue(at now: Instant) -> Subject? {
        guard let nextDue, nextDue <= now else { return nil }
        defer { self.nextDue = first()?.entry.due }
        guard let (entry, lane) = first() else { return nil }
        if let lane { lanes[lane].removeFirst() } else { heap.removeMin() }
        return entry.subject
    }

    /// The earliest entry, and its lane, or `nil` for the heap.
    private func first() -> (entry: Entry, lane: Int?)? {
        var found = heap.min.map { (entry: $0, lane: Int?.none) }
        for lane in lanes.indices {
            guard let candidate = lanes[lane].first else { continue }
            if let best = found, best.entry < candidate { continue }
            found = (candidate, lane)
        }
        return found
    }
}
