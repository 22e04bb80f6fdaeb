internal import Checking
internal import NIOCore

/// The end of a key against the oracle.
extension KeyReplay {
    /// O(events x siblings).
    func compareEnd(_ outcome: inout ReplayOutcome) {
        countHistory(&outcome)
        var shown = Shown()
        if let body = merged(records.compactMap { $0 }, &outcome) {
            shown = self.shown(by: body)
            outcome.records += 1
            outcome.metadataBytes += body.readableBytes - shown.valueBytes
        }
        countValues(shown, &outcome)
        findLost(shown, &outcome)
        findMultiplied(shown, &outcome)
    }

    private func countHistory(_ outcome: inout ReplayOutcome) {
        outcome.keys += 1
        outcome.events += key.events.count
        let acknowledged = key.events.indices.count(where: key.isAcknowledged)
        outcome.acknowledged += acknowledged
        outcome.unknown += key.events.count - acknowledged
        let values = key.events.indices.count { key.events[$0].isMaximal && !key.isDelete($0) }
        outcome.unsupersededValues += values
        if values > 1 { outcome.concurrentKeys += 1 }
    }

    private func countValues(_ shown: Shown, _ outcome: inout ReplayOutcome) {
        let count = shown.live.count + shown.repeated.count
        outcome.values += count
        outcome.strange += shown.strange
        outcome.unknownValues += shown.live.count { !key.isAcknowledged($0) }
        if count > 0 { outcome.keysWithValues += 1 }
        if count > 1 { outcome.keysWithSiblings += 1 }
        outcome.maximumSiblings = max(outcome.maximumSiblings, count)
    }

    private func findLost(_ shown: Shown, _ outcome: inout ReplayOutcome) {
        for position in key.events.indices where key.isAcknowledged(position) && records[position] != nil {
            if shown.events.contains(where: { key.covers($0, position) }) {
                outcome.kept += 1
                continue
            }
            outcome.lost += 1
            if key.events[position].isMaximal { outcome.lostUnsuperseded += 1 }
            let superseded = shown.events.first { key.sees(position, $0) }
            if superseded != nil { outcome.lostAfterSuperseding += 1 }
            let category: ReplayExample.Category = superseded == nil ? .lostToConcurrent : .lostAfterSuperseding
            outcome.add(
                lost(category, position, superseded, shown), category, atMost: plan.options.maximumExamples)
        }
    }

    private func lost(
        _ category: ReplayExample.Category, _ position: Int, _ superseded: Int?, _ shown: Shown
    ) -> ReplayExample {
        let what = "\(name(position)), \(acknowledgement(position)), is lost: "
        guard let winner = superseded else {
            let end = shown.events.isEmpty ? "nothing" : list(shown.events)
            return example(
                category, [position] + shown.events, what + "the end shows \(end), and nothing there had seen it")
        }
        return example(category, [position, winner], what + "the end shows \(name(winner)) that it had superseded")
    }

    private func findMultiplied(_ shown: Shown, _ outcome: inout ReplayOutcome) {
        let atMost = plan.options.maximumExamples
        outcome.repeated += shown.repeated.count
        for position in shown.repeated {
            outcome.add(
                example(.repeated, [position], "the end shows \(name(position)) twice"), .repeated, atMost: atMost)
        }
        for position in shown.live {
            if let later = shown.events.first(where: { key.sees($0, position) }) {
                outcome.falseSiblings += 1
                let text = "the end shows \(name(position)) beside \(name(later)) that superseded it"
                outcome.add(example(.falseSibling, [position, later], text), .falseSibling, atMost: atMost)
            }
            if let delete = firstDelete(of: position) {
                outcome.resurrected += 1
                let text =
                    "the end shows \(name(position)) again, which \(name(delete)), \(acknowledgement(delete)), "
                    + "had superseded"
                outcome.add(example(.resurrected, [position, delete], text), .resurrected, atMost: atMost)
            }
        }
    }

    /// The first acknowledged delete that superseded a value.
    private func firstDelete(of position: Int) -> Int? {
        key.events[position].isMaximal
            ? nil
            : key.events.indices.dropFirst(position + 1).first {
                key.isDelete($0) && key.isAcknowledged($0) && key.sees($0, position)
            }
    }
}
