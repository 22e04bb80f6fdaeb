/// What one client did to one key, in order.
struct Session {
    enum Step {
        /// The number of an event.
        case event(Int)
        /// The index of a read.
        case read(Int)
    }

    let client: Int
    let steps: [Step]
}

extension KeyHistory {
    /// The sessions in the order of their clients, each in the order of start, then id. O(operations log operations).
    var sessions: [Session] {
        typealias Entry = (client: Int, start: Int64, id: Int, step: Session.Step)
        var entries = events.indices.map { index -> Entry in
            (events[index].client, events[index].start, events[index].id, .event(index))
        }
        entries += reads.indices.map { index -> Entry in
            (reads[index].client, reads[index].start, reads[index].id, .read(index))
        }
        entries.sort { ($0.client, $0.start, $0.id) < ($1.client, $1.start, $1.id) }
        var sessions: [Session] = []
        var first = 0
        while first < entries.count {
            let client = entries[first].client
            let end = entries[first...].firstIndex { $0.client != client } ?? entries.count
            sessions.append(Session(client: client, steps: entries[first..<end].map(\.step)))
            first = end
        }
        return sessions
    }
}

/// The events that a session may expect to be reflected from now on, without those that others of them superseded.
///
/// What reflects an event reflects its certain past, so the frontier stands for all.
struct Frontier {
    /// In the order they were added.
    private(set) var events: [Int] = []

    /// - Returns: false where the frontier stands for the event already.
    /// - Complexity: O(frontier).
    @discardableResult
    mutating func add(_ event: Int, of key: KeyHistory) -> Bool {
        guard !events.contains(where: { key.covers($0, event) }) else { return false }
        events.removeAll { key.isPast($0, of: event) }
        events.append(event)
        return true
    }

    mutating func remove(_ missing: [Int]) {
        events.removeAll { missing.contains($0) }
    }

    /// Those that the read does not reflect.
    func missing(from read: KeyRead, of key: KeyHistory) -> [Int] {
        events.filter { key.coverage(of: $0, by: read) == .none }
    }
}
