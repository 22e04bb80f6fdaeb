internal import Checking
internal import NIOCore

/// The reads of a key, as the resolver would have answered with the same events behind them.
extension KeyReplay {
    /// O(reads x siblings squared).
    func compareReads(_ outcome: inout ReplayOutcome) {
        /// Most reads show one event, and many the same one.
        var shownAlone = [Shown?](repeating: nil, count: key.events.count)
        for read in key.reads {
            let bodies = read.shown.compactMap { records[$0] }
            guard bodies.count == read.shown.count else { continue }
            outcome.reads += 1
            if read.values > 1 { outcome.readsOfSeveralRecorded += 1 }
            let single = read.shown.count == 1 ? read.shown[0] : nil
            let known = single.flatMap { shownAlone[$0] }
            let shown = known ?? merged(bodies, &outcome).map { self.shown(by: $0) } ?? Shown()
            if let single { shownAlone[single] = shown }
            compare(read, shown, &outcome)
        }
    }

    private func compare(_ read: ReplayRead, _ shown: Shown, _ outcome: inout ReplayOutcome) {
        if shown.live.count + shown.repeated.count > 1 { outcome.readsOfSeveral += 1 }
        let hidden = read.shown.filter { position in
            key.isAcknowledged(position) && !shown.events.contains { key.covers($0, position) }
        }
        guard let first = hidden.max() else { return }
        outcome.readsHiding += 1
        if first == read.shown.filter(key.isAcknowledged).max() { outcome.readsHidingLatest += 1 }
        let answer = shown.events.isEmpty ? "nothing" : list(shown.events)
        let text = "read \(read.id) showed \(name(first)); it would have shown \(answer)"
        outcome.add(
            ReplayExample(
                category: .hidden, key: key.history.key, operations: [read.id, key.event(first).id], text: text),
            .hidden, atMost: plan.options.maximumExamples)
    }
}
