/// All operations on one key, with the causal order of its events.
package struct KeyHistory: Sendable {
    package let key: String
    /// In the order of start, then id.
    package internal(set) var events: [KeyEvent]
    /// The answered ones, in the order of start, then id.
    package internal(set) var reads: [KeyRead]
    /// Reads of all replicas that were not answered.
    package internal(set) var failedFinalReads = 0
    var pasts: PastTable
    var defects = HistoryDefects()
    /// In the order of their clients, each in the order of start, then id.
    var sessions: [Session] = []

    /// Whether `later` is `event`, or certainly superseded it, directly or not. O(1).
    package func covers(_ later: Int, _ event: Int) -> Bool {
        later == event || pasts.contains(event, inPastOf: later)
    }

    /// Whether `event` is in the certain past of `later`. O(1).
    package func isPast(_ event: Int, of later: Int) -> Bool {
        pasts.contains(event, inPastOf: later)
    }

    /// O(siblings).
    package func coverage(of event: Int, by read: KeyRead) -> Coverage {
        if read.shown.contains(where: { covers($0, event) }) { return .certain }
        let candidate = events[event]
        // What superseded all that is shown cannot be superseded by it.
        if candidate.start < read.horizon, read.shown.isEmpty || !read.shown.allSatisfy({ isPast($0, of: event) }) {
            return .perhaps
        }
        // A hidden tombstone that covers the event covers its past too, so none of that would be shown.
        if candidate.firstDelete < read.deleteHorizon, !read.shown.contains(where: { isPast($0, of: event) }) {
            return .perhaps
        }
        return .none
    }

    /// Calls `body` with the members of the past of `event`, and itself, that are not in `claimed` yet, and adds them.
    ///
    /// A sweep over all events costs O(events x pages) in all, and one call of `body` per event.
    func claim(_ event: Int, in claimed: inout EventSet, _ body: (Int) -> Void) {
        var index = 0
        while index < pasts.wordCount {
            if pasts.isEmptyPage(index / PastTable.pageWords, ofPastOf: event) {
                index += PastTable.pageWords
                continue
            }
            if index < claimed.words.count {
                let new = claimed.add(pasts.word(index, ofPastOf: event), at: index)
                if new != 0 { EventSet.forEach(in: new, at: index, body) }
            }
            index += 1
        }
        guard !claimed.contains(event) else { return }
        claimed.insert(event)
        body(event)
    }

    /// How many events started before `time`: these are 0 ..< the result. O(log events).
    func eventsStarted(before time: Int64) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].start < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
