internal import DequeModule
internal import StatorCore

/// What is to happen in virtual time, in the order of (time, insertion).
///
/// The heap holds twenty-four plain bytes an entry, four children to a parent; the events themselves stay where they
/// are until they happen. What happens at once does not go through the heap. O(log events) an insertion or removal.
struct EventQueue {
    private struct Entry {
        let time: Int64
        let order: UInt64
        let slot: Int32

        @inline(__always)
        func isBefore(_ other: Entry) -> Bool { time != other.time ? time < other.time : order < other.order }
    }

    private var heap: [Entry] = []
    private var slots: [SimulatedEvent] = []
    private var freeSlots: [Int32] = []
    /// Events at the present time, in order.
    private var immediate = Deque<Immediate>()
    private var inserted: UInt64 = 0

    private struct Immediate {
        let order: UInt64
        var event: SimulatedEvent
    }

    var count: Int { heap.count + immediate.count }

    mutating func insert(_ event: consuming SimulatedEvent, at time: Instant, now: Instant) {
        inserted += 1
        if time <= now {
            immediate.append(Immediate(order: inserted, event: consume event))
            return
        }
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
            slots[Int(slot)] = consume event
        } else {
            slot = Int32(slots.count)
            slots.append(consume event)
        }
        heap.append(Entry(time: time.nanoseconds, order: inserted, slot: slot))
        siftUp()
    }

    /// Takes the next event out that happens no later than `end`.
    /// - Returns: the event and when it happens, which is the present or later.
    mutating func popNext(now: Instant, until end: Instant) -> (event: SimulatedEvent, time: Instant)? {
        if let first = heap.first {
            let isDue = first.time <= now.nanoseconds
            if immediate.isEmpty || (isDue && first.order < immediate[0].order) {
                guard isDue || first.time <= end.nanoseconds else { return nil }
                removeFirst()
                var event = SimulatedEvent.nothing
                swap(&event, &slots[Int(first.slot)])
                freeSlots.append(first.slot)
                return (event, isDue ? now : Instant(nanoseconds: first.time))
            }
        }
        return immediate.popFirst().map { ($0.event, now) }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        let entry = heap[child]
        heap.withUnsafeMutableBufferPointer { heap in
            while child > 0 {
                let parent = (child - 1) >> 2
                guard entry.isBefore(heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = entry
        }
    }

    private mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap.withUnsafeMutableBufferPointer { heap in
            var parent = 0
            while true {
                let first = parent << 2 + 1
                guard first < heap.count else { break }
                var least = first
                for child in first + 1..<min(first + 4, heap.count) where heap[child].isBefore(heap[least]) {
                    least = child
                }
                guard heap[least].isBefore(last) else { break }
                heap[parent] = heap[least]
                parent = least
            }
            heap[parent] = last
        }
    }
}
