internal import StatorCore

/// How long a message travels: a distribution of one-way delays, as a value that a file can give.
///
/// Check ``problems()`` of what comes from outside before compiling it into a ``LatencySampler``.
package indirect enum LatencyDistribution: Hashable, Sendable {
    /// Always the same: to follow a protocol step by step. Without spread nothing ever races.
    case constant(Duration)
    /// Any delay of the range alike: what a test takes that wants every interleaving, and no real network.
    case uniform(ClosedRange<Duration>)
    /// A fixed path plus the wait in one random queue: a quiet network of one building.
    /// - Parameters:
    ///   - minimum: the path, which no message beats.
    ///   - mean: of the whole delay, the minimum included.
    case exponential(minimum: Duration, mean: Duration)
    /// Many small independent slowdowns that multiply: what measured round trips within and between regions look like
    /// in their body. A sigma of 0.1 is a calm line, 0.5 a busy one, 1 and more a shared one at its limit.
    /// - Parameters:
    ///   - median: half of the messages are faster.
    ///   - sigma: the standard deviation of the delay's natural logarithm.
    case logNormal(median: Duration, sigma: Double)
    /// A power-law tail: rare delays that are a thousand times the usual, as of retransmissions and pauses.
    /// The mean is infinite for a shape of 1 and less, the variance for 2 and less (both up to the longest latency that
    /// ``NetworkLimits`` allows).
    case pareto(minimum: Duration, shape: Double)
    /// One of several distributions for each message: a fast body and a slow minority.
    case mixture([LatencyShare])
}

/// One part of a mixture.
package struct LatencyShare: Hashable, Sendable {
    /// Relative to the sum of the mixture's weights.
    package var weight: Double
    package var distribution: LatencyDistribution

    package init(weight: Double, _ distribution: LatencyDistribution) {
        self.weight = weight
        self.distribution = distribution
    }
}

extension LatencyDistribution {
    /// The mixture without mixtures within, its weights adding up to 1, without the parts that weigh nothing.
    var parts: [LatencyShare] {
        guard case .mixture(let shares) = self else { return [LatencyShare(weight: 1, self)] }
        let sum = shares.reduce(0) { $0 + $1.weight }
        return shares.flatMap { share in
            share.distribution.parts.map { LatencyShare(weight: $0.weight * share.weight / sum, $0.distribution) }
        }.filter { $0.weight > 0 }
    }

    /// The delay that most messages do not exceed by far, in nanoseconds: the greatest of the parts' medians, for what has a
    /// longest delay that one.
    var usualNanoseconds: Double {
        parts.map { part in
            if case .uniform(let range) = part.distribution { return Double(range.upperBound.nanoseconds) }
            return part.distribution.nanoseconds(tail: 0.5, isUpper: true)
        }.max() ?? 0
    }

    /// The delay in nanoseconds that the given share of all messages stay below (or exceed, where `isUpper`).
    ///
    /// Taking the tail and its side keeps all digits of quantiles near 1. Not for mixtures: see ``parts``.
    /// - Parameter tail: in 0 < tail <= 1/2.
    func nanoseconds(tail: Double, isUpper: Bool) -> Double {
        let below = isUpper ? 1 - tail : tail
        // The share beyond, whose logarithm exponential and Pareto take.
        let beyond = isUpper ? tail : 1 - tail
        switch self {
        case .constant(let delay): return Double(delay.nanoseconds)
        case .uniform(let range):
            let (low, high) = (Double(range.lowerBound.nanoseconds), Double(range.upperBound.nanoseconds))
            return low + (high - low) * below
        case .exponential(let minimum, let mean):
            let excess = Double(mean.nanoseconds - minimum.nanoseconds)
            return Double(minimum.nanoseconds) - excess * PortableMath.logarithm(beyond)
        case .logNormal(let median, let sigma):
            let deviate = PortableMath.normalDeviate(tail: tail)
            return Double(median.nanoseconds) * PortableMath.exponential(sigma * (isUpper ? deviate : -deviate))
        case .pareto(let minimum, let shape):
            return Double(minimum.nanoseconds) * PortableMath.exponential(-PortableMath.logarithm(beyond) / shape)
        case .mixture: preconditionFailure("a mixture is compiled part by part")
        }
    }
}
