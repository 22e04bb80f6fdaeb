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
            let operations = history.operations.filter { $0.kind == kind }
            builder.rate("successful \(name)", operations.count { $0.outcome == .ok }, of: operations.count)
            builder.rate(
                "\(name) of unknown outcome", operations.count { $0.outcome == .unknown }, of: operations.count)
            let times = operations.filter { $0.outcome == .ok }.map { $0.end.elapsed(since: $0.start) }
            Distribution(times).addMeasures("time of successful \(name)", scale: 1_000_000, "ms", to: &builder)
        }
        return builder.verdict(isPromised: false)
    }
}
