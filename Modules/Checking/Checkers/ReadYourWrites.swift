/// A client's read reflects every write and delete to the key that was acknowledged to the client before: shows it or
/// something that superseded it (Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994).
///
/// Promised where the quorums of write and read meet: both strict, W of the one and R of the other more than N. What a
/// read missed of other writes is a rate.
///
/// A read is wrong once, however much it misses. A miss of the client's latest write counts at every read; a miss of an
/// older one only at the first, so that one lost write does not make all later reads of its client wrong.
/// O(operations x frontier).
package struct ReadYourWrites: HistoryChecker {
    package static let name = "read-your-writes"

    package init() {}

    private struct Tally {
        var others = 0
        var missedOthers = 0
    }

    /// Own writes that reads of one reach must reflect.
    private struct Class {
        /// The least R that meets them; `nil` where none does.
        let meeting: Int?
        var frontier = Frontier()
    }

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var tally = Tally()
        for key in history.keys {
            for session in key.sessions { check(session, of: key, history, promises, &builder, &tally) }
        }
        builder.rate("reads that missed an own write", builder.violationCount, of: builder.checked)
        if promises.readYourWrites {
            builder.rate("reads that missed an own write that no quorum met", tally.missedOthers, of: tally.others)
        }
        return builder.verdict(isPromised: promises.readYourWrites)
    }

    private func check(
        _ session: Session, of key: KeyHistory, _ history: IndexedHistory, _ promises: Promises,
        _ builder: inout VerdictBuilder, _ tally: inout Tally
    ) {
        var classes: [Class] = []
        /// Acknowledged events that are in no frontier yet.
        var open: [Int] = []
        for step in session.steps {
            switch step {
            case .event(let event):
                if key.events[event].isAcknowledged { open.append(event) }
            case .read(let index):
                let read = key.reads[index]
                for event in open where key.events[event].end <= read.start {
                    let write = history.operations[key.events[event].operation]
                    add(
                        event, of: key, meeting: promises.readYourWrites ? promises.meetingQuorum(of: write) : 0,
                        &classes)
                }
                open.removeAll { key.events[$0].end <= read.start }
                check(read, of: session.client, key, history, promises, &classes, &builder, &tally)
            }
        }
    }

    private func add(_ event: Int, of key: KeyHistory, meeting: Int?, _ classes: inout [Class]) {
        if let place = classes.firstIndex(where: { $0.meeting == meeting }) {
            classes[place].frontier.add(event, of: key)
        } else {
            var added = Class(meeting: meeting)
            added.frontier.add(event, of: key)
            classes.append(added)
        }
    }

    private func check(
        _ read: KeyRead, of client: Int, _ key: KeyHistory, _ history: IndexedHistory, _ promises: Promises,
        _ classes: inout [Class], _ builder: inout VerdictBuilder, _ tally: inout Tally
    ) {
        let reach = promises.readYourWrites ? promises.reach(of: history.operations[read.operation]) : .max
        var found: Int?
        var isChecked = false
        var (others, missedOthers) = (false, false)
        for place in classes.indices where !classes[place].frontier.events.isEmpty {
            let frontier = classes[place].frontier
            let isMet = if let meeting = classes[place].meeting, let reach { meeting <= reach } else { false }
            let missing = frontier.missing(from: read, of: key)
            if isMet {
                isChecked = true
                found = found ?? missing.first
                classes[place].frontier.remove(missing.filter { $0 != frontier.events.last })
            } else {
                others = true
                missedOthers = missedOthers || !missing.isEmpty
            }
        }
        if others { tally.others += 1 }
        if missedOthers { tally.missedOthers += 1 }
        guard isChecked else { return }
        builder.checked += 1
        guard let found else { return }
        let event = key.events[found]
        builder.violation(
            key: key.key, operations: [event.id, read.id],
            """
            client \(client) made \(history.name(event)), \(history.acknowledgement(event)); its later \
            \(history.name(read)), started at \(Text.milliseconds(read.start)), shows neither that nor \
            anything that superseded it
            """)
    }
}
