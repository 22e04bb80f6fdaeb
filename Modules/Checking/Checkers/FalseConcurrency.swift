/// No read shows two siblings of which one certainly superseded the other, or the same write twice.
///
/// O(reads x siblings squared).
package struct FalseConcurrency: HistoryChecker {
    package static let name = "false-concurrency"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var several = 0
        var wrong = 0
        for key in history.keys {
            for read in key.reads where !read.shown.isEmpty {
                builder.checked += 1
                guard read.shown.count + read.repeated.count > 1 else { continue }
                several += 1
                let before = builder.violationCount
                check(read, of: key, history, &builder)
                if builder.violationCount > before { wrong += 1 }
            }
        }
        builder.rate("reads of siblings that show a superseded one", wrong, of: several)
        return builder.verdict(isPromised: promises.noFalseConcurrency)
    }

    private func check(
        _ read: KeyRead, of key: KeyHistory, _ history: IndexedHistory, _ builder: inout VerdictBuilder
    ) {
        if let twice = read.repeated.first {
            let event = key.events[twice]
            builder.violation(
                key: key.key, operations: [read.id, event.id],
                "\(history.name(read)) shows \(history.name(event)) twice: one write became two versions")
        }
        for event in read.shown {
            guard let later = read.shown.first(where: { key.isPast(event, of: $0) }) else { continue }
            let (old, new) = (key.events[event], key.events[later])
            builder.violation(
                key: key.key, operations: [read.id, old.id, new.id],
                """
                \(history.name(read)) shows \(history.name(old)) beside \(history.name(new)) that superseded it: they \
                are not concurrent
                """)
        }
    }
}
