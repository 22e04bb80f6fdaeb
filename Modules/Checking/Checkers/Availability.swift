/// How many operations succeeded, by kind, and how long the successful ones took. Nothing here is promised.
package struct Availability: HistoryChecker {
    package static let name = "availability"

    package init() {}

    package func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict {
        var builder = VerdictBuilder(Self.name)
        builder.checked = history.operations.count
        let kinds: [(kind: HistoryOperation.Kind, name: String)] = [
            (.read, "reads"), (.write, "writes"), (.delete, "deletes"),
        ]
        for (kind, name) in kinds {
            var total = 0
            var unknown = 0
            var times: [Int64] = []
            // By index: a copy of an operation takes along all its texts.
            for index in history.operations.indices where history.operations[index].kind == kind {
                total += 1
                switch history.operations[index].outcome {
                case .ok: times.append(history.operations[index].duration)
                case .unknown: unknown += 1
                case .failed: break
                }
            }
            builder.rate("successful \(name)", times.count, of: total)
            builder.rate("\(name) of unknown outcome", unknown, of: total)
            Distribution(times).addMeasures("time of successful \(name)", scale: 1_000_000, "ms", to: &builder)
        }
        return builder.verdict(isPromised: false)
    }
}

extension HistoryOperation {
    fileprivate var duration: Int64 { end.elapsed(since: start) }
}
