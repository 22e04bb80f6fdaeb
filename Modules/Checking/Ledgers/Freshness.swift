/// A strict read of r that began after a strict write of w was acknowledged, with r + w > N, shows that write or what
/// supersedes it, whoever asks.
package struct Freshness: Sendable {
    package static let name = "freshness"

    private var reads = 0
    private var stale = 0
    private var builder = VerdictBuilder(Freshness.name)

    package init() {}

    /// - Parameters:
    ///   - operation: the read's id in the history.
    ///   - shown: numbers of the events that it shows, those of tombstones included.
    ///   - before: the writes of the key that were acknowledged before the read began, strict ones of enough holders.
    ///   - begun: nanoseconds.
    package mutating func read(
        _ operation: Int, key: Int, shown: [Int], before: [AcknowledgedWrite], begun: Int64, _ book: CopyBook
    ) {
        guard !before.isEmpty else { return }
        reads += 1
        let missed = before.filter { write in
            !shown.contains { book.covers(write.number, of: key, byEvent: $0) }
        }
        guard let first = missed.first else { return }
        stale += 1
        builder.violation(
            key: book.name(of: key), operations: [first.operation, operation],
            """
            the strict read \(operation), begun at \(Text.milliseconds(begun)), shows neither the write \
            \(first.operation), acknowledged by \(first.needed) owners at \(Text.milliseconds(first.time)), nor what \
            supersedes it
            """)
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("strict reads that missed a strict write acknowledged before", stale, of: reads)
        builder.checked = reads
        return builder.verdict(isPromised: isPromised)
    }
}
