/// Every acknowledged write and delete is among what each later final read shows, or something that is shown superseded
/// it, directly or not.
///
/// A write that only a lost write superseded is lost too. Needs final reads: keys without one are counted and say
/// nothing. Where answers hide tombstones, a delete cannot be told lost: `resurrected-deletes` looks at its effect.
/// Versions that expire by themselves look lost: histories to be checked come from workloads without expiry.
///
/// A write that no more disks acknowledged than may forget is promised nothing: its loss is a rate of its own.
///
/// A configuration that does not promise to keep what it acknowledged (last writer wins) gets the loss as rates, apart
/// for writes that lost to concurrent ones, to what had been in force before they began (``RealTimeOrder``), and to what
/// they had superseded. There a write without
/// context means to replace whatever was acknowledged before it began: what only such writes replaced is not lost.
/// O(events x final reads x siblings).
package struct LostWrites: HistoryChecker {
    package static let name = "lost-writes"

    private struct Tally {
        var writes = 0
        var deletes = 0
        var lostWrites = 0
        var lostDeletes = 0
        var lostToSuperseded = 0
        var lostToEarlier = 0
        var lostToConcurrent = 0
        /// Lost, of those acknowledged by no more disks than may forget.
        var excused = 0
        var excusable = 0
        var perhaps = 0
        var overwritten = 0
        var keysWithout = 0
        var unknown = 0
        var surfaced = 0
    }

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        var tally = Tally()
        for key in history.keys {
            let finals = key.reads.filter(\.isFinal)
            guard !finals.isEmpty else {
                if key.events.contains(where: \.isAcknowledged) { tally.keysWithout += 1 }
                continue
            }
            let replaced =
                promises.keepsAcknowledged
                ? finals.map { _ in Int64.min } : finals.map { LostWrites.replacedBefore($0, of: key, history) }
            for index in key.events.indices {
                check(
                    index, of: key, zip(finals, replaced).map { ($0, $1) }, history, promises, &builder, &tally)
            }
        }
        builder.checked = tally.writes + tally.deletes
        builder.rate("lost acknowledged writes", tally.lostWrites, of: tally.writes)
        builder.rate("lost acknowledged deletes", tally.lostDeletes, of: tally.deletes)
        builder.rate("lost to concurrent writes", tally.lostToConcurrent, of: builder.checked)
        builder.rate("lost to writes in force before they began", tally.lostToEarlier, of: builder.checked)
        builder.rate("lost to what they had superseded", tally.lostToSuperseded, of: builder.checked)
        if promises.forgettingDisks > 0, promises.keepsAcknowledged {
            builder.rate("lost, acknowledged by no more disks than may forget", tally.excused, of: tally.excusable)
        }
        if !promises.keepsAcknowledged {
            builder.rate("replaced by later writes without context", tally.overwritten, of: builder.checked)
        }
        builder.rate("writes of unknown outcome that took effect", tally.surfaced, of: tally.unknown)
        builder.measure("kept only perhaps", tally.perhaps, "operations")
        builder.measure("keys without a final read", tally.keysWithout, "keys")
        return builder.verdict(isPromised: promises.keepsAcknowledged)
    }

    /// When the last write without context began that the read reflects: it replaced what was acknowledged before.
    static func replacedBefore(_ read: KeyRead, of key: KeyHistory, _ history: IndexedHistory) -> Int64 {
        var latest = Int64.min
        for (index, event) in key.events.enumerated() where event.start > latest {
            guard history.operations[event.operation].basis != .context else { continue }
            if key.coverage(of: index, by: read) == .certain { latest = event.start }
        }
        return latest
    }

    private func check(
        _ index: Int, of key: KeyHistory, _ finals: [(read: KeyRead, replaced: Int64)], _ history: IndexedHistory,
        _ promises: Promises, _ builder: inout VerdictBuilder, _ tally: inout Tally
    ) {
        let event = key.events[index]
        let later = finals.filter { event.end <= $0.read.start }
        guard !later.isEmpty, event.outcome != .failed else { return }
        let coverages = later.map { key.coverage(of: index, by: $0.read) }
        guard event.isAcknowledged else {
            tally.unknown += 1
            if coverages.contains(.certain) { tally.surfaced += 1 }
            return
        }
        let isExcused = promises.excusesLoss(of: history.operations[event.operation])
        if isExcused {
            tally.excusable += 1
            if coverages.contains(.none) { tally.excused += 1 }
            return
        }
        if event.isDelete { tally.deletes += 1 } else { tally.writes += 1 }
        guard let missing = coverages.firstIndex(of: .none) else {
            if coverages.contains(.perhaps) { tally.perhaps += 1 }
            return
        }
        let read = later[missing].read
        if event.end <= later[missing].replaced {
            tally.overwritten += 1
            return
        }
        let superseded = read.shown.first { key.isPast($0, of: index) }
        if event.isDelete { tally.lostDeletes += 1 } else { tally.lostWrites += 1 }
        if superseded != nil {
            tally.lostToSuperseded += 1
        } else if RealTimeOrder.isEarlier(read, than: event, of: key) {
            tally.lostToEarlier += 1
        } else if !read.shown.isEmpty {
            tally.lostToConcurrent += 1
        }
        let to = superseded.map { ", which shows \(history.name(key.events[$0])) that it had superseded" } ?? ""
        builder.violation(
            key: key.key, operations: [event.id, read.id],
            """
            \(history.name(event)), \(history.acknowledgement(event)), is lost: \(history.name(read)) shows neither it \
            nor anything that superseded it\(to)
            """)
    }
}
