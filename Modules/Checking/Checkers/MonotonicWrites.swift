/// A client's acknowledged writes to a key take effect in their order.
///
/// For registers of several values this is taken to mean, of two acknowledged writes W1 and W2 of one client to one key,
/// W1 acknowledged before W2 started:
///
/// 1. *Not instead*: a read that shows W1 reflects W2 (shows it or something that superseded it) from the time on at
///    which W2 was acknowledged and some read that reflects it was answered. Before that a replica that lacks W2 breaks
///    no order.
/// 2. *Not beside*: no read shows both where W2 certainly superseded W1. A second write that asked for a sibling, or
///    whose coordinator did not hold the first, stands beside it rightly.
///
/// That a read shows W2 and does not reflect W1 is no breach here: a single value does, and elsewhere
/// `read-your-writes` and `lost-writes` find it. O(reads x siblings x later writes of the client).
package struct MonotonicWrites: HistoryChecker {
    package static let name = "monotonic-writes"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            let later = MonotonicWrites.laterWrites(of: key)
            let first = MonotonicWrites.firstPair(of: key, later)
            for read in key.reads where first <= read.start {
                builder.checked += 1
                check(read, of: key, later, history, &builder)
            }
        }
        builder.rate("reads against the order of a client's writes", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.monotonicWrites)
    }

    /// For each acknowledged event the client's next acknowledged one in order of start, or -1.
    private static func laterWrites(of key: KeyHistory) -> [Int] {
        var next = [Int](repeating: -1, count: key.events.count)
        var first: [Int: Int] = [:]
        for event in key.events.indices.reversed() where key.events[event].isAcknowledged {
            next[event] = first[key.events[event].client] ?? -1
            first[key.events[event].client] = event
        }
        return next
    }

    /// When a client's second write was acknowledged for the first time: before it there is no order to check.
    private static func firstPair(of key: KeyHistory, _ next: [Int]) -> Int64 {
        let ends = next.filter { $0 >= 0 }.map { key.events[$0].end }
        return ends.min() ?? .max
    }

    /// Stops at the first breach: a read is wrong once.
    private func check(
        _ read: KeyRead, of key: KeyHistory, _ next: [Int], _ history: IndexedHistory,
        _ builder: inout VerdictBuilder
    ) {
        for shown in read.shown where key.events[shown].isAcknowledged {
            var later = next[shown]
            while later >= 0 {
                let event = key.events[later]
                if event.start >= key.events[shown].end, event.end <= read.start,
                    let breach = breach(shown, later, in: read, of: key)
                {
                    return report(shown, later, breach, read, key, history, &builder)
                }
                later = next[later]
            }
        }
    }

    private func breach(_ shown: Int, _ later: Int, in read: KeyRead, of key: KeyHistory) -> String? {
        if read.shown.contains(later), key.isPast(shown, of: later) { return "beside" }
        guard key.events[later].firstSeen <= read.start, key.coverage(of: later, by: read) == .none else { return nil }
        return "instead of"
    }

    private func report(
        _ shown: Int, _ later: Int, _ breach: String, _ read: KeyRead, _ key: KeyHistory, _ history: IndexedHistory,
        _ builder: inout VerdictBuilder
    ) {
        let (first, second) = (key.events[shown], key.events[later])
        builder.violation(
            key: key.key, operations: [first.id, second.id, read.id],
            """
            client \(first.client) made \(history.name(first)) before \(history.name(second)), both acknowledged; \
            \(history.name(read)) shows the first \(breach) the second, which an earlier read reflected
            """)
    }
}
