/// A client's read reflects every write and delete to the key that was acknowledged to the client before: shows it or
/// something that superseded it (Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994).
///
/// A read is wrong once, however much it misses. A miss of the client's latest write counts at every read; a miss of an
/// older one only at the first, so that one lost write does not make all later reads of its client wrong.
/// O(operations x frontier).
package struct ReadYourWrites: HistoryChecker {
    package static let name = "read-your-writes"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            for session in key.sessions { check(session, of: key, history, &builder) }
        }
        builder.rate("reads that missed an own write", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.readYourWrites)
    }

    private func check(
        _ session: Session, of key: KeyHistory, _ history: IndexedHistory, _ builder: inout VerdictBuilder
    ) {
        var frontier = Frontier()
        /// Acknowledged events that are not in the frontier yet.
        var open: [Int] = []
        for step in session.steps {
            switch step {
            case .event(let event):
                if key.events[event].isAcknowledged { open.append(event) }
            case .read(let index):
                let read = key.reads[index]
                for event in open where key.events[event].end <= read.start { frontier.add(event, of: key) }
                open.removeAll { key.events[$0].end <= read.start }
                guard !frontier.events.isEmpty else { continue }
                builder.checked += 1
                let missing = frontier.missing(from: read, of: key)
                guard let first = missing.first else { continue }
                let event = key.events[first]
                builder.violation(
                    key: key.key, operations: [event.id, read.id],
                    """
                    client \(session.client) made \(history.name(event)), \(history.acknowledgement(event)); its later \
                    \(history.name(read)), started at \(Text.milliseconds(read.start)), shows neither that nor \
                    anything that superseded it
                    """)
                frontier.remove(missing.filter { $0 != frontier.events.last })
            }
        }
    }
}
