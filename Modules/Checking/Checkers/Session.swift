/// What one client did to one key, in order.
struct Session: Sendable {
    enum Step: Sendable {
        /// The number of an event.
        case event(Int)
        /// The index of a read.
        case read(Int)
    }

    let client: Int
    let steps: [Step]
}

extension KeyHistory {
    /// Events and reads are in order already: they are merged, and dealt out to their clients. O(operations).
    mutating func findSessions() {
        var steps: [Int: [Session.Step]] = [:]
        var event = 0
        var read = 0
        while event < events.count || read < reads.count {
            if read >= reads.count || (event < events.count && isBefore(event: event, read: read)) {
                steps[events[event].client, default: []].append(.event(event))
                event += 1
            } else {
                steps[reads[read].client, default: []].append(.read(read))
                read += 1
            }
        }
        sessions = steps.keys.sorted().map { Session(client: $0, steps: steps[$0] ?? []) }
    }

    private func isBefore(event: Int, read: Int) -> Bool {
        events[event].start != reads[read].start
            ? events[event].start < reads[read].start : events[event].id < reads[read].id
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
