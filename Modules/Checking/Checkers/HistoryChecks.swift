/// The checkers of histories that need no settings.
package enum HistoryChecks {
    /// In the order of reports. ``LivenessChecker`` is not among them: it is made for a run's heal time.
    package static let standard: [any HistoryChecker] = [
        HistoryShape(), LostWrites(), RealTimeOrder(), FalseConcurrency(), FalseDominance(), ContextWins(),
        ResurrectedDeletes(),
        ReadYourWrites(), MonotonicReads(), MonotonicWrites(), WritesFollowReads(), SingleValue(), ConditionalWrites(),
        InventedValues(), Staleness(), Availability(),
    ]

    package static var names: [String] { standard.map(\.name) }

    package static func checker(named name: String) -> (any HistoryChecker)? {
        standard.first { $0.name == name }
    }

    /// Runs checkers over one history, in their order.
    package static func report(
        _ history: IndexedHistory, _ promises: Promises, checkers: [any HistoryChecker] = standard
    ) -> CheckReport {
        CheckReport(checkers.map { $0.check(history, promises) })
    }
}
