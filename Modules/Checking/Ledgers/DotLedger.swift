package import StatorCore

/// Every dot that any actor issued: never the same twice.
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
    private var builder = VerdictBuilder(DotLedger.name)

    package init() {}

    /// - Parameter time: nanoseconds, for the message only.
    package mutating func issued(_ dot: Dot, at time: Int64) {
        count += 1
        let now = Last(counter: dot.counter, time: time)
        guard let before = last.updateValue(now, forKey: dot.actor), dot.counter <= before.counter else { return }
        last[dot.actor] = Last(counter: max(before.counter, dot.counter), time: time)
        let problem = dot.counter == before.counter ? "issued the same dot again" : "went back, and may repeat a dot"
        builder.violation(
            """
            \(dot.actor) issued \(dot.counter) at \(Text.milliseconds(time)) after \(before.counter) at \
            \(Text.milliseconds(before.time)): it \(problem)
            """)
    }

    package func verdict(_ promises: Promises) -> Verdict {
        var builder = builder
        builder.rate("dots that did not rise", builder.violationCount, of: count)
        builder.checked = count
        builder.measure("actors", last.count, "actors")
        return builder.verdict(isPromised: true)
    }
}
