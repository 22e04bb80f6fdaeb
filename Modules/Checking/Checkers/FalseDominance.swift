/// A version disappears only by a write that saw it: where a final read shows something, no acknowledged version is
/// missing that nothing shown superseded.
///
/// Such a version is lost as well (`lost-writes`); this says that others took its place without having seen it, which
/// is how a single-value resolver works and is no promise there. A version that won over what superseded *it* is left
/// to `context-wins`, and one that no more disks acknowledged than may forget is promised nothing. Versions of unknown outcome that a read had shown before they vanished are counted as a rate.
/// O(events x final reads x siblings).
package struct FalseDominance: HistoryChecker {
    package static let name = "false-dominance"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var seen = 0
        var vanished = 0
        for key in history.keys {
            let finals = key.reads.filter { $0.isFinal && !$0.shown.isEmpty }
            for index in key.events.indices {
                let event = key.events[index]
                switch event.outcome {
                case .failed: continue
                case .ok where promises.excusesLoss(of: history.operations[event.operation]): continue
                case .ok: check(index, of: key, finals, history, &builder)
                case .unknown:
                    let later = finals.filter { event.firstSeen <= $0.start }
                    seen += later.isEmpty ? 0 : 1
                    if later.contains(where: { key.coverage(of: index, by: $0) == .none }) { vanished += 1 }
                }
            }
        }
        builder.rate(
            "acknowledged versions that gave way to what had not seen them", builder.violationCount,
            of: builder.checked)
        builder.rate("versions of unknown outcome that were shown and vanished", vanished, of: seen)
        return builder.verdict(isPromised: promises.keepsAcknowledged && !promises.singleValue)
    }

    private func check(
        _ index: Int, of key: KeyHistory, _ finals: [KeyRead], _ history: IndexedHistory,
        _ builder: inout VerdictBuilder
    ) {
        let event = key.events[index]
        let later = finals.filter { event.end <= $0.start }
        if !later.isEmpty { builder.checked += 1 }
        for read in later where key.coverage(of: index, by: read) == .none {
            guard let winner = read.shown.first(where: { !key.isPast($0, of: index) }) else { continue }
            builder.violation(
                key: key.key, operations: [event.id, key.events[winner].id, read.id],
                """
                \(history.name(event)), \(history.acknowledgement(event)), gave way to \
                \(history.name(key.events[winner])) in \(history.name(read)), though nothing shown there had seen it
                """)
            return
        }
    }
}
