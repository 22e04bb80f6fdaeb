internal import Workload

/// When the operations of an open loop are due, in order: those of a trace that has times, else as drawn.
///
/// A copy goes through the same times again, which is how arrivals that wait are counted without being kept.
struct DueTimes: Sendable {
    private var arrivals: Arrivals?
    private let trace: Trace?
    private let speed: Double
    private var taken = 0

    /// - Parameter arrivals: not used where the trace has times.
    init(_ arrivals: Arrivals, trace: Trace?, speed: Double) {
        self.trace = trace
        self.speed = speed
        self.arrivals = trace?.hasTimes == true ? nil : arrivals
    }

    /// In nanoseconds from the beginning; `nil` where the trace has come to its end.
    mutating func next() -> Int64? {
        defer { taken += 1 }
        guard let trace else { return arrivals?.next() }
        guard taken < trace.entries.count else { return nil }
        if let drawn = arrivals?.next() { return drawn }
        return Int64(Double(trace.entries[taken].nanoseconds ?? 0) / speed)
    }
}
