/// What a directed link between two nodes does to messages.
package struct LinkSettings: Hashable, Sendable {
    package var latency: LatencyDistribution
    /// The probability that a message never arrives.
    package var loss = 0.0
    /// The probability that a message arrives a second time, later.
    package var duplication = 0.0
    /// The probability that a message ignores the order of its link and may overtake what was sent before it. All others
    /// arrive in the order in which they were sent, as over TCP: behind a slow one they wait. Messages of a constant
    /// latency have nothing to overtake.
    package var reordering = 0.0
    /// The bandwidth: messages leave one after the other at this rate. `nil` is without bound.
    package var bytesPerSecond: Int?

    package init(latency: LatencyDistribution) {
        self.latency = latency
    }

    /// What is wrong, each with what was found and what is allowed; empty where nothing is.
    package func problems() -> [String] {
        var problems = latency.problems().map { "latency.\($0)" }
        for (name, value) in [("loss", loss), ("duplication", duplication), ("reordering", reordering)]
        where !(value >= 0 && value <= 1) {
            problems.append("\(name) is \(value), a probability is 0 to 1")
        }
        if let bytesPerSecond, bytesPerSecond <= 0 {
            problems.append("bytesPerSecond is \(bytesPerSecond), it has to be above 0")
        }
        return problems
    }
}
