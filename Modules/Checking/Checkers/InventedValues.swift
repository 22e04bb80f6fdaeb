/// A read shows only what was written: by a write of the history, to that key, that had begun by the time of the answer
/// and did not fail for certain.
///
/// Promised by every configuration. A history has to hold all writes to its keys, those that loaded them included.
/// O(reads x siblings).
package struct InventedValues: HistoryChecker {
    package static let name = "invented-values"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var wrong = 0
        for key in history.keys {
            for read in key.reads {
                builder.checked += 1
                let before = builder.violationCount
                check(read, of: key, history, &builder)
                if builder.violationCount > before { wrong += 1 }
            }
        }
        builder.rate("reads that show what was not written", wrong, of: builder.checked)
        return builder.verdict(isPromised: true)
    }

    private func check(
        _ read: KeyRead, of key: KeyHistory, _ history: IndexedHistory, _ builder: inout VerdictBuilder
    ) {
        if read.unresolved > 0 {
            let versions = read.unresolved == 1 ? "a version" : "\(read.unresolved) versions"
            builder.violation(
                key: key.key, operations: [read.id],
                "\(history.name(read)) shows \(versions) that no single write of the history made")
        }
        for shown in read.shown {
            let event = key.events[shown]
            if event.outcome == .failed {
                builder.violation(
                    key: key.key, operations: [read.id, event.id],
                    "\(history.name(read)) shows \(history.name(event)), which failed and must have no effect")
            } else if event.start > read.end {
                builder.violation(
                    key: key.key, operations: [read.id, event.id],
                    """
                    \(history.name(read)), answered at \(Text.milliseconds(read.end)), shows \(history.name(event)), \
                    which began at \(Text.milliseconds(event.start))
                    """)
            }
        }
    }
}
