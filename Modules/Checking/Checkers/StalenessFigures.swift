/// How far behind the reads of a span were.
package struct StalenessFigures: Hashable, Sendable {
    /// Reads of keys to which something had been acknowledged.
    package var reads = 0
    /// Of stale reads: the time since the latest acknowledgement that they do not reflect, in nanoseconds.
    package var times: [Int64] = []
    /// Of stale reads: how many acknowledged events they do not reflect.
    package var counts: [Int64] = []
    /// The upper ends of the ages by which the next two count, in nanoseconds, rising; the last one takes the rest.
    package let ages: [Int64]
    /// Reads by the time since the latest acknowledgement, and how many of them reflect it.
    package var all: [Int]
    package var fresh: [Int]

    /// - Precondition: there is an age.
    package init(ages: [Int64]) {
        precondition(!ages.isEmpty, "reads are counted by age")
        self.ages = ages
        all = [Int](repeating: 0, count: ages.count)
        fresh = all
    }

    package var staleShare: Double { reads > 0 ? Double(times.count) / Double(reads) : 0 }
    package var meanEventsBehind: Double { Distribution(counts).mean }

    /// Of stale reads, in nanoseconds; `nil` where there was none.
    /// - Parameter share: in 0 ... 1.
    package func time(atShare share: Double) -> Int64? {
        times.isEmpty ? nil : Distribution(times).percentile(share)
    }

    /// From 0.1 ms to 100 s, three to the decade.
    package static let fineAges: [Int64] =
        [100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000]
        .flatMap { [$0, 2 * $0, 5 * $0] } + [100_000_000_000]
}
