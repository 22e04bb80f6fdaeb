/// The one clock of a history: nanoseconds since the recording began, never going back.
struct HistoryClock: Sendable {
    private let origin = ContinuousClock.now

    var now: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Pauses, at most until `end`.
    /// - Returns: false where the task was cancelled or `end` has come.
    func pause(_ nanoseconds: Int64, until end: Int64) async -> Bool {
        let length = min(nanoseconds, end - now)
        if length > 0 {
            do { try await Task.sleep(for: .nanoseconds(length)) } catch { return false }
        }
        return !Task.isCancelled && now < end
    }
}
