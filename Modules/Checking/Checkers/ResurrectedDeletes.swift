/// A value that an acknowledged delete superseded does not come back: no later final read shows it, nor, where clients
/// are promised to read their own writes, a later read of the client that deleted it and whose quorum meets the
/// delete's. A delete that no more disks acknowledged than may forget is promised nothing.
///
/// Other reads that show a deleted value are stale; they are counted as a rate. O(events x pages + reads x siblings).
package struct ResurrectedDeletes: HistoryChecker {
    package static let name = "resurrected-deletes"

    private struct Tally {
        var staleReads = 0
        var laterReads = 0
    }

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var tally = Tally()
        for key in history.keys {
            let deletes = key.events.indices.filter { index in
                let event = key.events[index]
                return event.isDelete && event.isAcknowledged
                    && !promises.excusesLoss(of: history.operations[event.operation])
            }
            guard !deletes.isEmpty else { continue }
            let sorted = deletes.sorted { (key.events[$0].end, $0) < (key.events[$1].end, $1) }
            let deletedBy = ResurrectedDeletes.firstDeletes(sorted, of: key)
            for read in key.reads where key.events[sorted[0]].end <= read.start {
                let own =
                    read.isFinal || !promises.readYourWrites
                    ? []
                    : sorted.filter {
                        key.events[$0].client == read.client && key.events[$0].end <= read.start
                            && promises.meet(
                                history.operations[key.events[$0].operation], history.operations[read.operation])
                    }
                if read.isFinal || !own.isEmpty { builder.checked += 1 }
                tally.laterReads += 1
                check(read, of: key, deletedBy, own, history, &builder, &tally)
            }
        }
        builder.rate("reads after a delete that show what it superseded", tally.staleReads, of: tally.laterReads)
        builder.rate("final and own reads among them", builder.violationCount, of: builder.checked)
        return builder.verdict(isPromised: promises.noResurrection)
    }

    /// For each event the first delete, by acknowledgement, that certainly superseded it, or -1.
    static func firstDeletes(_ sorted: [Int], of key: KeyHistory) -> [Int] {
        var deletedBy = [Int](repeating: -1, count: key.events.count)
        var claimed = EventSet(capacity: key.events.count)
        for delete in sorted {
            key.claim(delete, in: &claimed) { event in if event != delete { deletedBy[event] = delete } }
        }
        return deletedBy
    }

    private func check(
        _ read: KeyRead, of key: KeyHistory, _ deletedBy: [Int], _ own: [Int], _ history: IndexedHistory,
        _ builder: inout VerdictBuilder, _ tally: inout Tally
    ) {
        var isStale = false
        for shown in read.shown where !key.events[shown].isDelete {
            let first = deletedBy[shown]
            guard first >= 0, key.events[first].end <= read.start else { continue }
            isStale = true
            guard let delete = read.isFinal ? first : own.first(where: { key.isPast(shown, of: $0) }) else { continue }
            let (value, tombstone) = (key.events[shown], key.events[delete])
            builder.violation(
                key: key.key, operations: [tombstone.id, value.id, read.id],
                """
                \(history.name(read)) shows \(history.name(value)) again, which \(history.name(tombstone)), \
                \(history.acknowledgement(tombstone)), had superseded
                """)
        }
        if isStale { tally.staleReads += 1 }
    }
}
