/// Answers that count to R come from owners that may count.
///
/// An owner whose disk was lost must not count for a key until it holds again every acknowledged write that the lost disk
/// held: that copy was one of the W, so that without it a read of R can miss the write. What a hint stood for is read once
/// that has been delivered, as sloppy writes are. Fallbacks count only where the request takes them. What a node answers
/// itself, as the coordinator, no message shows; ``Freshness`` sees what follows.
package struct CountingAnswers: Sendable {
    package static let name = "counting-answers"

    private var answers = 0
    private var untrue = 0
    private var fromFallbacks = 0
    private var builder = VerdictBuilder(CountingAnswers.name)

    package init() {}

    /// An owner's answer that counts.
    /// - Parameters:
    ///   - state: what it says that it holds.
    ///   - writes: those of the key that more owners held, when they were acknowledged, than disks forget.
    package mutating func answered(
        by node: Int, key: Int, state: Int, _ writes: [AcknowledgedWrite], time: Int64, _ book: CopyBook
    ) {
        answers += 1
        for write in writes
        where book.wasDestroyed(write.number, of: key, at: node, byWipe: true)
            && !book.covers(write.number, of: key, by: state)
        {
            untrue += 1
            builder.violation(
                key: book.name(of: key), operations: [write.operation],
                """
                at \(Text.milliseconds(time)) \(book.nodes[node]) answered a read as an owner that counts, but its \
                disk was lost with the acknowledged write \(write.operation), which it does not hold again
                """)
            return
        }
    }

    /// A fallback was asked to answer a read in an owner's place, though no request takes fallbacks.
    package mutating func fallbackAsked(_ node: Int, key: Int, time: Int64, _ book: CopyBook) {
        fromFallbacks += 1
        builder.violation(
            key: book.name(of: key),
            """
            at \(Text.milliseconds(time)) \(book.nodes[node]) was asked to answer a read in an owner's place, but \
            requests are strict
            """)
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("answers that counted without what a lost disk had held", untrue, of: answers)
        builder.measure("fallbacks asked by strict reads", fromFallbacks, "reads")
        builder.checked = answers + fromFallbacks
        return builder.verdict(isPromised: isPromised)
    }
}
