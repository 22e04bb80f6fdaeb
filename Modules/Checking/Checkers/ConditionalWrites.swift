/// A condition holds once: of the writes and deletes with `If-Match` of a context at most one succeeds, and none with
/// `If-None-Match: *` after another, unless the key may have been deleted between them.
///
/// Of two successes those exclude one another that followed one another and of which the later's check met the replicas
/// of the earlier (`r` of the one, `w` of the other, both strict). With ``Promises/conditionsAtOnce`` also those that one
/// coordinator carried out in one life as an owner (both strict): each is one step there, whatever the quorums. Others are
/// rates, where one coordinator carried out both in one life: at the same time, and one after the other where no quorum
/// met. O(conditional writes of a key squared).
package struct ConditionalWrites: HistoryChecker {
    package static let name = "conditional-writes"

    private struct Tally {
        var overlapping = 0
        var unmet = 0
    }

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var tally = Tally()
        for key in history.keys {
            let successes = key.events.indices.filter { index in
                key.events[index].isAcknowledged && history.operations[key.events[index].operation].condition != nil
            }.sorted { (key.events[$0].end, $0) < (key.events[$1].end, $1) }
            builder.checked += successes.count
            for place in successes.indices {
                check(successes[place], after: successes[..<place], of: key, history, promises, &builder, &tally)
            }
        }
        builder.rate("conditions that held twice", builder.violationCount, of: builder.checked)
        builder.rate(
            "conditions that held twice at one coordinator, at the same time", tally.overlapping, of: builder.checked)
        builder.rate(
            "conditions that held twice at one coordinator, where no quorum met", tally.unmet, of: builder.checked)
        return builder.verdict(isPromised: promises.conditionsInOrder)
    }

    /// - Parameter earlier: in the order of their acknowledgement.
    private func check(
        _ index: Int, after earlier: ArraySlice<Int>, of key: KeyHistory, _ history: IndexedHistory,
        _ promises: Promises, _ builder: inout VerdictBuilder, _ tally: inout Tally
    ) {
        let (event, write) = (key.events[index], history.operations[key.events[index].operation])
        let twins = earlier.filter { other in
            isTwice(history.operations[key.events[other].operation], write)
                && (write.condition == .match || !isDeleted(between: key.events[other], and: event, of: key))
        }
        let broken = twins.last { other in
            let first = history.operations[key.events[other].operation]
            if promises.conditionsAtOnce, isAtOnePlace(first, write), first.isSloppy != true, write.isSloppy != true {
                return true
            }
            return first.end <= write.start && promises.meet(first, write)
        }
        if let broken {
            let (first, write) = (key.events[broken], history.operations[event.operation])
            let what = write.condition == .match ? "on the same context" : "where nothing was to be there"
            builder.violation(
                key: key.key, operations: [event.id, first.id],
                """
                \(history.name(event)), begun at \(Text.milliseconds(event.start)), and \(history.name(first)), \
                \(history.acknowledgement(first)), both succeeded \(what)
                """)
        } else if let twin = twins.last(where: { isAtOnePlace(history.operations[key.events[$0].operation], write) }) {
            if key.events[twin].end > event.start { tally.overlapping += 1 } else { tally.unmet += 1 }
        }
    }

    private func isTwice(_ first: HistoryOperation, _ second: HistoryOperation) -> Bool {
        guard first.condition == second.condition else { return false }
        // What a delete leaves is absent again: only a write makes the next condition fail.
        if first.condition == .absent { return first.kind == .write }
        return first.context != nil && first.context == second.context
    }

    private func isAtOnePlace(_ first: HistoryOperation, _ second: HistoryOperation) -> Bool {
        guard let coordinator = first.coordinator, let life = first.coordinatorLife else { return false }
        return coordinator == second.coordinator && life == second.coordinatorLife
    }

    /// Whether any delete but the two may have taken effect between them.
    private func isDeleted(between first: KeyEvent, and second: KeyEvent, of key: KeyHistory) -> Bool {
        key.events.contains { event in
            guard event.isDelete, event.outcome != .failed, event.id != second.id, event.start <= second.end else {
                return false
            }
            return !event.isAcknowledged || event.end >= first.start
        }
    }
}
