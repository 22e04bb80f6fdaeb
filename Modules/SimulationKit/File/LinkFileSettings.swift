package import Simulation
package import StatorCore

/// How messages travel: the `network` object, next to its `latency` and `zoneLatencies`.
package struct LinkFileSettings: StrategySettings, Hashable {
    package var transport = NetworkTransport.tcp
    package var loss = 0.0
    package var duplication = 0.0
    package var reordering = 0.0
    package var bandwidth: ByteCount = ByteCount(0)
    package var detection: Duration = .milliseconds(50)

    package init() {}

    package static var fields: [SettingField<LinkFileSettings>] {
        [
            .choice(
                "transport", \.transport,
                "`tcp`: the links that are deployed, over connections; `datagram`: each message by itself"),
            .number(
                "loss", \.loss, 0...1,
                "the probability that a message is lost; over tcp, that a segment is sent again, later"),
            .number(
                "duplication", \.duplication, 0...1, "the probability that a message arrives twice; of datagrams only"),
            .number(
                "reordering", \.reordering, 0...1,
                "the probability that a message ignores the order of its link, which others keep; of datagrams only"),
            .bytes("bandwidthBytes", \.bandwidth, 0...(1 << 40), "bytes a second of each link; 0 for no limit"),
            .milliseconds(
                "detectionMilliseconds", \.detection, 0...3_600_000,
                "how long until a cut or a crash is noticed, silent until then; of datagrams only: links find out"),
        ]
    }
}

/// One latency distribution as JSON gives it; which fields count follows from `kind`.
package struct LatencySettings: StrategySettings, Hashable {
    package enum Kind: String, CaseIterable, Sendable {
        case constant
        case uniform
        case exponential
        case logNormal = "log-normal"
        case pareto
    }

    package var kind = Kind.constant
    package var minimum = 500
    package var maximum = 1000
    package var mean = 1000
    package var median = 500
    package var sigma = 0.5
    package var shape = 2.0

    package init() {}

    private static let range = 0...3_600_000_000

    package static var fields: [SettingField<LatencySettings>] {
        [
            .choice("kind", \.kind, "the shape of the distribution"),
            .integer(
                "minimumMicroseconds", \.minimum, range,
                "the delay of `constant`, the shortest of `uniform`, `exponential` and `pareto`"),
            .integer("maximumMicroseconds", \.maximum, range, "the longest delay of `uniform`"),
            .integer("meanMicroseconds", \.mean, range, "the mean of `exponential`, its minimum included"),
            .integer("medianMicroseconds", \.median, range, "the median of `log-normal`"),
            .number("sigma", \.sigma, 0...4, "the standard deviation of the logarithm of `log-normal`"),
            .number("shape", \.shape, 0.5...100, "the tail's exponent of `pareto`: the smaller, the heavier"),
        ]
    }

    package func problems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        if kind == .uniform, maximum < minimum {
            found.append(SettingProblem(field: "maximumMicroseconds", message: "is less than minimumMicroseconds"))
        }
        if kind == .exponential, mean <= minimum {
            found.append(SettingProblem(field: "meanMicroseconds", message: "is not above minimumMicroseconds"))
        }
        return found
    }

    package var distribution: LatencyDistribution {
        switch kind {
        case .constant: .constant(.microseconds(minimum))
        case .uniform: .uniform(.microseconds(minimum)...(.microseconds(max(minimum, maximum))))
        case .exponential: .exponential(minimum: .microseconds(minimum), mean: .microseconds(mean))
        case .logNormal: .logNormal(median: .microseconds(median), sigma: sigma)
        case .pareto: .pareto(minimum: .microseconds(minimum), shape: shape)
        }
    }
}
