/// How far behind reads are. Measures only; nothing here is promised.
///
/// For each answered read but the final ones, against the events of its key that were acknowledged before it started:
///
/// - *t-visibility* (Bailis et al., "Probabilistically bounded staleness", PVLDB 5(8), 2012): of a stale read, the time
///   since the latest acknowledgement that it does not reflect; and of all reads, the share that reflect the latest
///   acknowledged event, by the time since its acknowledgement.
/// - *k-staleness*: of a stale read, how many acknowledged events it does not reflect, at most ``maximumBehind``.
///
/// Where a key has a final read, events that this one does not reflect are left out: they are lost, not late. What a
/// read perhaps reflects counts as reflected. O(reads x events / 64).
package struct Staleness: HistoryChecker {
    package static let name = "staleness"

    /// The upper ends of the age buckets, in nanoseconds; one more bucket follows.
    static let ages: [(limit: Int64, name: String)] = [
        (1_000_000, "up to 1 ms"), (10_000_000, "1 to 10 ms"), (100_000_000, "10 to 100 ms"),
        (1_000_000_000, "100 to 1000 ms"), (.max, "over 1000 ms"),
    ]

    /// A read that is further behind is counted as this many events behind.
    static let maximumBehind = 1000

    package init() {}

    /// What there is to say of the reads that started in a span, in nanoseconds of the history's clock.
    package static func figures(
        _ history: IndexedHistory, in span: Range<Int64>, ages: [Int64]
    ) -> StalenessFigures {
        var tally = StalenessFigures(ages: ages)
        for key in history.keys {
            var sweep = StalenessSweep(key)
            for (index, read) in key.reads.enumerated() where !read.isFinal && span.contains(read.start) {
                guard let newest = sweep.advance(to: index) else { continue }
                tally.reads += 1
                let age = read.start.elapsed(since: key.events[newest].end)
                let bucket = ages.firstIndex { age <= $0 } ?? ages.count - 1
                tally.all[bucket] += 1
                if key.coverage(of: newest, by: read) != .none { tally.fresh[bucket] += 1 }
                guard let behind = sweep.behind(read) else { continue }
                tally.times.append(read.start.elapsed(since: behind.latest))
                tally.counts.append(Int64(behind.count))
            }
        }
        return tally
    }

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        let tally = Staleness.figures(history, in: .min..<Int64.max, ages: Staleness.ages.map(\.limit))
        builder.checked = tally.reads
        builder.rate("stale reads", tally.times.count, of: tally.reads)
        for (index, age) in Staleness.ages.enumerated() {
            builder.rate("fresh reads \(age.name) after an acknowledgement", tally.fresh[index], of: tally.all[index])
        }
        Distribution(tally.times).addMeasures("staleness of stale reads", scale: 1_000_000, "ms", to: &builder)
        Distribution(tally.counts).addMeasures("events behind in stale reads", scale: 1, "events", to: &builder)
        return builder.verdict(isPromised: false)
    }
}

/// Goes through the reads of a key in the order of their starts, with the events acknowledged by then as a bit set.
private struct StalenessSweep {
    let key: KeyHistory
    /// The counted events by acknowledgement, and how many of them are in ``due``.
    private let order: [Int]
    private var position = 0
    /// Acknowledged, and not surely behind a tombstone for all reads to come.
    private var due: EventSet
    private var settled: EventSet
    /// Events by the start of the first delete that may hide them.
    private let hidden: [Int]
    private var hiddenPosition = 0
    /// For each read the least delete horizon of it and all after it.
    private var leastHorizon: [Int64]
    private let deletedBy: [Int]

    init(_ key: KeyHistory) {
        self.key = key
        let final = key.reads.last(where: \.isFinal)
        let counted = key.events.indices.filter { index in
            guard key.events[index].isAcknowledged else { return false }
            return final.map { key.coverage(of: index, by: $0) != .none } ?? true
        }
        order = counted.sorted { (key.events[$0].end, $0) < (key.events[$1].end, $1) }
        due = EventSet(capacity: key.events.count)
        settled = due
        hidden = counted.filter { key.events[$0].firstDelete != .max }.sorted {
            (key.events[$0].firstDelete, $0) < (key.events[$1].firstDelete, $1)
        }
        leastHorizon = key.reads.map(\.deleteHorizon)
        for index in leastHorizon.indices.dropLast().reversed() {
            leastHorizon[index] = min(leastHorizon[index], leastHorizon[index + 1])
        }
        deletedBy = ResurrectedDeletes.firstDeletes(order.filter { key.events[$0].isDelete }, of: key)
    }

    /// - Returns: the event acknowledged last before the read started, if there is one.
    mutating func advance(to index: Int) -> Int? {
        while position < order.count, key.events[order[position]].end <= key.reads[index].start {
            if !settled.contains(order[position]) { due.insert(order[position]) }
            position += 1
        }
        while hiddenPosition < hidden.count,
            key.events[hidden[hiddenPosition]].firstDelete < leastHorizon[index]
        {
            settled.insert(hidden[hiddenPosition])
            due.remove(hidden[hiddenPosition])
            hiddenPosition += 1
        }
        return position > 0 ? order[position - 1] : nil
    }

    /// How many due events the read does not reflect, and when the latest was acknowledged; `nil` where it is fresh.
    func behind(_ read: KeyRead) -> (count: Int, latest: Int64)? {
        var count = 0
        var latest = Int64.min
        for shown in read.shown {
            // The tombstone may be settled already; what it superseded shows that the read lacks it.
            guard deletedBy[shown] >= 0, key.events[deletedBy[shown]].end <= read.start else { continue }
            guard settled.contains(deletedBy[shown]) else { continue }
            count += 1
            latest = max(latest, key.events[deletedBy[shown]].end)
        }
        // Whatever started before the horizon may be reflected.
        let first = key.eventsStarted(before: read.horizon)
        // From the newest on: what is cut off is older.
        for index in ((first >> 6)..<max(first >> 6, due.words.count)).reversed() where due.words[index] != 0 {
            if count >= Staleness.maximumBehind { break }
            let missing = read.shown.reduce(due.words[index]) { $0 & ~key.pasts.word(index, ofPastOf: $1) }
            EventSet.forEach(in: missing, at: index) { event in
                guard event >= first, key.coverage(of: event, by: read) == .none else { return }
                count += 1
                latest = max(latest, key.events[event].end)
            }
        }
        return count == 0 ? nil : (min(count, Staleness.maximumBehind), latest)
    }
}
