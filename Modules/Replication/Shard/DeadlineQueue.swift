internal import HeapModule
internal import StatorCore

/// What a machine is to look after at a time. Entries are never cancelled: whoever is looked after and gone by then is
/// skipped.
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

    private var heap = Heap<Entry>()
    private var inserted: UInt64 = 0

    /// O(log entries).
    mutating func insert(_ subject: Subject, due: Instant) {
        heap.insert(Entry(due: due, order: inserted, subject: subject))
        inserted += 1
    }

    /// The earliest subject that is due, in the order of (due, insertion).
    mutating func popDue(at now: Instant) -> Subject? {
        guard let first = heap.min, first.due <= now else { return nil }
        return heap.popMin()?.subject
    }

    var nextDue: Instant? { heap.min?.due }
}
