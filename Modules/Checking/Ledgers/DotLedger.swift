package import StatorCore

/// Every dot that any actor issued: never the same twice, and no write swallowed: of every acknowledged write a version was
/// made and given to a store, never dropped as one that had been seen before.
///
/// An actor's counters must rise strictly, which also rules out a repeat, so the last counter of each actor is all that
/// is kept: memory O(actors), one dictionary look-up a dot. Promised by every configuration.
package struct DotLedger: Sendable {
    package static let name = "dots"

    private struct Last: Sendable {
        var counter: UInt64
        var time: Int64
    }

    private var last: [Actor: Last] = [:]
    private var count = 0
    private var fallen = 0
    private var writes = 0
    private var swallowed = 0
    private var builder = VerdictBuilder(DotLedger.name)

    package init() {}

    /// - Parameter time: nanoseconds, for the message only.
    package mutating func issued(_ dot: Dot, at time: Int64) {
        count += 1
        let now = Last(counter: dot.counter, time: time)
        guard let before = last.updateValue(now, forKey: dot.actor), dot.counter <= before.counter else { return }
        fallen += 1
        last[dot.actor] = Last(counter: max(before.counter, dot.counter), time: time)
        let problem = dot.counter == before.counter ? "issued the same dot again" : "went back, and may repeat a dot"
        builder.violation(
            """
            \(dot.actor) issued \(dot.counter) at \(Text.milliseconds(time)) after \(before.counter) at \
            \(Text.milliseconds(before.time)): it \(problem)
            """)
    }

    /// A client was told that its write is stored.
    /// - Parameters:
    ///   - isMade: a version of it was made.
    ///   - isStored: a store was given that version.
    ///   - isKept: the resolver lets a version go only by one that had seen it; others may drop it as it is made.
    package mutating func acknowledged(
        _ operation: Int, key: String, isMade: Bool, isStored: Bool, isKept: Bool = true, at time: Int64
    ) {
        writes += 1
        guard !isStored else { return }
        swallowed += 1
        guard isKept else { return }
        let what = isMade ? "its version was never given to a store" : "no version of it was made"
        builder.violation(
            key: key, operations: [operation],
            "at \(Text.milliseconds(time)) the write \(operation) was acknowledged, but \(what): it was swallowed")
    }

    package func verdict(_ promises: Promises) -> Verdict {
        var builder = builder
        builder.rate("dots that did not rise", fallen, of: count)
        builder.rate("acknowledged writes that were swallowed", swallowed, of: writes)
        builder.checked = count
        builder.measure("actors", last.count, "actors")
        return builder.verdict(isPromised: true)
    }
}
