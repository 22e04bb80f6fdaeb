/// A write with the context of a read stands above what that read showed: no read shows the two side by side, and none
/// shows what the write followed while it reflects the write no more.
///
/// A read counts from the time on at which the write was acknowledged and, unless the read is final, some read that
/// reflects the write was answered: before that a replica that lacks the write breaks no order.
/// O(events x pages + reads x siblings squared).
package struct WritesFollowReads: HistoryChecker {
    package static let name = "writes-follow-reads"

    /// For each event, of the writes that followed it, the first to be visible for sure.
    private struct Followers {
        var follower: [Int]
        var time: [Int64]
    }

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            let writes = key.events.indices.filter { key.events[$0].followsRead && key.events[$0].isAcknowledged }
            guard !writes.isEmpty else { continue }
            let seen = followers(writes, of: key) { max($0.end, $0.firstSeen) }
            let acknowledged = followers(writes, of: key) { $0.end }
            for read in key.reads { check(read, of: key, read.isFinal ? acknowledged : seen, history, &builder) }
        }
        builder.rate("reads that show what a write had followed", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.writesFollowReads)
    }

    private func followers(
        _ writes: [Int], of key: KeyHistory, at time: (KeyEvent) -> Int64
    ) -> Followers {
        var result = Followers(
            follower: [Int](repeating: -1, count: key.events.count),
            time: [Int64](repeating: .max, count: key.events.count))
        var claimed = EventSet(capacity: key.events.count)
        let timed = writes.map { (time: time(key.events[$0]), write: $0) }.sorted { $0 < $1 }
        for (time, write) in timed where time != .max {
            var found: [Int] = []
            key.claim(write, in: &claimed) { found.append($0) }
            for event in found {
                if event == write {
                    // It does not follow itself: left for a later one.
                    claimed.remove(write)
                } else {
                    result.follower[event] = write
                    result.time[event] = time
                }
            }
        }
        return result
    }

    /// Stops at the first breach: a read is wrong once.
    private func check(
        _ read: KeyRead, of key: KeyHistory, _ followers: Followers, _ history: IndexedHistory,
        _ builder: inout VerdictBuilder
    ) {
        guard !read.shown.isEmpty else { return }
        builder.checked += 1
        for shown in read.shown {
            let beside = read.shown.first { key.events[$0].followsRead && key.isPast(shown, of: $0) }
            if let beside { return report(shown, beside, "beside", read, key, history, &builder) }
            guard followers.time[shown] <= read.start else { continue }
            let follower = followers.follower[shown]
            guard key.coverage(of: follower, by: read) == .none else { continue }
            return report(shown, follower, "without", read, key, history, &builder)
        }
    }

    private func report(
        _ shown: Int, _ follower: Int, _ how: String, _ read: KeyRead, _ key: KeyHistory, _ history: IndexedHistory,
        _ builder: inout VerdictBuilder
    ) {
        let (old, new) = (key.events[shown], key.events[follower])
        builder.violation(
            key: key.key, operations: [new.id, old.id, read.id],
            """
            \(history.name(read)) shows \(history.name(old)) \(how) \(history.name(new)), whose client had read the \
            former and wrote with that context
            """)
    }
}
