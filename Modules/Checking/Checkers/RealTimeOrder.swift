/// No acknowledged write gives way to what had been in force before it began: acknowledged, or shown by a read.
///
/// A write that is lost to a concurrent one lost a race, which a last-writer-wins resolver may decide as it likes. One that is
/// lost to an earlier one was overtaken by the past: clocks that are off do that, and it is told apart here. Resolvers
/// that keep what is concurrent lose neither; there such a loss counts here and as one of `lost-writes`.
/// O(events x final reads x siblings).
package struct RealTimeOrder: HistoryChecker {
    package static let name = "real-time-order"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        for key in history.keys {
            let finals = key.reads.filter { $0.isFinal && !$0.shown.isEmpty }
            let replaced =
                promises.keepsAcknowledged
                ? finals.map { _ in Int64.min } : finals.map { LostWrites.replacedBefore($0, of: key, history) }
            for index in key.events.indices where key.events[index].isAcknowledged {
                check(index, of: key, finals, replaced, history, promises, &builder)
            }
        }
        builder.rate(
            "acknowledged writes that gave way to earlier ones", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.keepsAcknowledged)
    }

    /// Whether all that a read shows was in force before the event began.
    static func isEarlier(_ read: KeyRead, than event: KeyEvent, of key: KeyHistory) -> Bool {
        !read.shown.isEmpty
            && read.shown.allSatisfy { shown in
                let other = key.events[shown]
                return (other.isAcknowledged && other.end <= event.start) || other.firstSeen <= event.start
            }
    }

    private func check(
        _ index: Int, of key: KeyHistory, _ finals: [KeyRead], _ replaced: [Int64], _ history: IndexedHistory,
        _ promises: Promises, _ builder: inout VerdictBuilder
    ) {
        let event = key.events[index]
        guard finals.contains(where: { event.end <= $0.start }),
            !promises.excusesLoss(of: history.operations[event.operation])
        else { return }
        builder.checked += 1
        for (place, read) in finals.enumerated() where event.end <= read.start && event.end > replaced[place] {
            guard RealTimeOrder.isEarlier(read, than: event, of: key),
                key.coverage(of: index, by: read) == .none, let winner = read.shown.first
            else { continue }
            let other = key.events[winner]
            builder.violation(
                key: key.key, operations: [event.id, other.id, read.id],
                """
                \(history.name(event)), begun at \(Text.milliseconds(event.start)) and \
                \(history.acknowledgement(event)), gave way to \(history.name(other)) in \(history.name(read)), though \
                that had been in force since \(Text.milliseconds(min(other.end, other.firstSeen)))
                """)
            return
        }
    }
}
