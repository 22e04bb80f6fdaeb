/// Makes the history of one key: events, then reads, then what contexts mean, then pasts.
struct KeyHistoryBuilder {
    let operations: [HistoryOperation]
    /// Indices of the key's operations, in the order of start, then id.
    let members: [Int]
    let reapAge: Int64?
    var history: KeyHistory
    var eventOfID: [Int: Int] = [:]
    /// `nil` for a value that two writes stored.
    private var eventOfValue: [ExactText: Int?] = [:]
    /// When the first read that shows the event itself was answered.
    var firstShown: [Int64] = []

    init(_ key: String, _ operations: [HistoryOperation], _ members: [Int], reapAge: Int64?) {
        self.operations = operations
        self.members = KeyHistoryBuilder.sorted(members, operations)
        self.reapAge = reapAge
        let events = members.count { operations[$0].kind != .read }
        history = KeyHistory(key: key, events: [], reads: [], pasts: PastTable(events: events))
    }

    /// By start, then id: the order of recorders that note operations as they begin, so that there is mostly nothing to do.
    ///
    /// Operations are looked at by their index, here and below: a copy of one takes along all its texts.
    private static func sorted(_ members: [Int], _ operations: [HistoryOperation]) -> [Int] {
        func isBefore(_ one: Int, _ other: Int) -> Bool {
            let (left, right) = (operations[one].start, operations[other].start)
            return left != right ? left < right : operations[one].id < operations[other].id
        }
        let isSorted = members.indices.dropFirst().allSatisfy { !isBefore(members[$0], members[$0 - 1]) }
        return isSorted ? members : members.sorted(by: isBefore)
    }

    mutating func build() -> KeyHistory {
        for index in members where operations[index].kind != .read { addEvent(index) }
        firstShown = [Int64](repeating: .max, count: history.events.count)
        for index in members where operations[index].kind == .read { addRead(index) }
        let direct = directPasts()
        close(direct)
        for index in history.reads.indices { extendHorizons(of: index) }
        findFirstDeletes()
        findFirstSeen()
        history.pasts.finish()
        history.defects.unknownPasts = history.events.count(where: \.hasUnknownPast)
        history.findSessions()
        return history
    }

    private mutating func addEvent(_ index: Int) {
        let number = history.events.count
        let id = operations[index].id
        let kind = operations[index].kind
        let start = operations[index].start
        history.events.append(
            KeyEvent(
                operation: index, id: id, client: operations[index].client, isDelete: kind == .delete,
                outcome: operations[index].outcome, start: start, end: max(start, operations[index].end)))
        eventOfID[id] = number
        guard kind == .write, let value = operations[index].value else { return }
        if eventOfValue.updateValue(.some(number), forKey: ExactText(value)) != nil {
            eventOfValue[ExactText(value)] = .some(nil)
            history.defects.repeatedValues.append(id)
        }
    }

    private mutating func addRead(_ index: Int) {
        let isFinal = operations[index].isFinal
        guard operations[index].outcome == .ok else {
            if isFinal { history.failedFinalReads += 1 }
            return
        }
        let start = operations[index].start
        let end = max(start, operations[index].end)
        var read = KeyRead(
            operation: index, id: operations[index].id, client: operations[index].client, start: start, end: end,
            isFinal: isFinal)
        let shows = operations[index].shows
        let behind = shows.map { $0.map { eventOfID[$0] } } ?? operations[index].values.map(event(ofValue:))
        for entry in behind {
            guard let event = entry else {
                read.unresolved += 1
                continue
            }
            if read.shown.contains(event) { read.repeated.append(event) } else { read.shown.append(event) }
            firstShown[event] = min(firstShown[event], end)
        }
        if shows != nil, read.unresolved == 0 {
            read.unresolved = operations[index].values.count { value in
                event(ofValue: value).map { !read.shown.contains($0) } ?? true
            }
        }
        // What is behind a value of unknown origin is unknown.
        if read.unresolved > 0 { read.horizon = end }
        if shows == nil {
            read.deleteHorizon = end
        } else if let reapAge {
            read.deleteHorizon = end.elapsed(since: reapAge)
        }
        history.reads.append(read)
    }

    private func event(ofValue value: String) -> Int? {
        eventOfValue[ExactText(value)] ?? nil
    }
}

/// Sweeps that need the closed pasts.
extension KeyHistoryBuilder {
    private mutating func extendHorizons(of index: Int) {
        for event in history.reads[index].shown {
            history.reads[index].horizon = max(history.reads[index].horizon, history.events[event].horizon)
            history.reads[index].deleteHorizon =
                max(history.reads[index].deleteHorizon, history.events[event].deleteHorizon)
        }
    }

    private mutating func findFirstDeletes() {
        var claimed = EventSet(capacity: history.events.count)
        var prefix = 0
        for event in history.events.indices where history.events[event].isDelete {
            let delete = history.events[event]
            if delete.outcome == .failed { continue }
            var found: [Int] = []
            history.claim(event, in: &claimed) { found.append($0) }
            let horizon = history.eventsStarted(before: delete.horizon)
            while prefix < horizon {
                if !claimed.contains(prefix) {
                    claimed.insert(prefix)
                    found.append(prefix)
                }
                prefix += 1
            }
            for member in found { history.events[member].firstDelete = delete.start }
        }
    }

    private mutating func findFirstSeen() {
        var claimed = EventSet(capacity: history.events.count)
        for read in history.reads.sorted(by: { ($0.end, $0.id) < ($1.end, $1.id) }) {
            var found: [Int] = []
            for event in read.shown where !claimed.contains(event) {
                history.claim(event, in: &claimed) { found.append($0) }
            }
            for member in found { history.events[member].firstSeen = read.end }
        }
    }
}
