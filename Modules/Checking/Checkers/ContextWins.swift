/// What an acknowledged write superseded does not stand in its place: no final read shows a version while an
/// acknowledged write that had seen it, and everything that saw that write, are gone.
///
/// The loss of the write alone is `lost-writes`; here the older version won over it. Single-value resolvers promise
/// this too where they honour contexts. Nothing is promised of a write that no more disks acknowledged than may forget.
/// O(final reads x siblings x events).
package struct ContextWins: HistoryChecker {
    package static let name = "context-wins"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            for read in key.reads where read.isFinal {
                for shown in read.shown { check(shown, in: read, of: key, history, promises, &builder) }
            }
        }
        builder.rate(
            "versions in final reads that won over what superseded them", builder.violationCount,
            of: builder.checked)
        return builder.verdict(isPromised: promises.contextWins)
    }

    private func check(
        _ shown: Int, in read: KeyRead, of key: KeyHistory, _ history: IndexedHistory,
        _ promises: Promises, _ builder: inout VerdictBuilder
    ) {
        builder.checked += 1
        let loser = key.events.indices.first { later in
            let event = key.events[later]
            return event.isAcknowledged && event.end <= read.start && key.isPast(shown, of: later)
                && key.coverage(of: later, by: read) == .none
                && (!promises.contextWins || promises.outlastsDisks(history.operations[event.operation]))
        }
        guard let loser else { return }
        let (old, new) = (key.events[shown], key.events[loser])
        builder.violation(
            key: key.key, operations: [new.id, old.id, read.id],
            """
            \(history.name(read)) shows \(history.name(old)), which \(history.name(new)), \
            \(history.acknowledgement(new)), had superseded; that and all that saw it are gone
            """)
    }
}
