/// A client's read reflects every event that an earlier read of the client showed: shows it or something that
/// superseded it.
///
/// Counted at the read that goes back: what it misses is not expected of the reads after it. Where answers hide
/// tombstones, a value may give way to nothing if some delete may have superseded it. O(reads x frontier).
package struct MonotonicReads: HistoryChecker {
    package static let name = "monotonic-reads"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            for session in key.sessions { check(session, of: key, history, &builder) }
        }
        builder.rate("reads that went back", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.monotonicReads)
    }

    private func check(
        _ session: Session, of key: KeyHistory, _ history: IndexedHistory, _ builder: inout VerdictBuilder
    ) {
        var frontier = Frontier()
        /// Reads whose events are not in the frontier yet.
        var open: [Int] = []
        /// For each event in the frontier the read that put it there.
        var shownBy: [Int: Int] = [:]
        for case .read(let index) in session.steps {
            let read = key.reads[index]
            for earlier in open where key.reads[earlier].end <= read.start {
                for event in key.reads[earlier].shown where frontier.add(event, of: key) { shownBy[event] = earlier }
            }
            open.removeAll { key.reads[$0].end <= read.start }
            open.append(index)
            guard !frontier.events.isEmpty else { continue }
            builder.checked += 1
            let missing = frontier.missing(from: read, of: key)
            guard let first = missing.first else { continue }
            let event = key.events[first]
            let earlier = key.reads[shownBy[first] ?? index]
            builder.violation(
                key: key.key, operations: [event.id, earlier.id, read.id],
                """
                client \(session.client) saw \(history.name(event)) in \(history.name(earlier)); its later \
                \(history.name(read)) shows neither that nor anything that superseded it
                """)
            frontier.remove(missing)
        }
    }
}
