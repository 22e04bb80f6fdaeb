extension LatencyDistribution {
    /// What is wrong with the parameters, each with what was found and what is allowed; empty where nothing is.
    package func problems() -> [String] {
        switch self {
        case .constant(let delay):
            return Self.problems("constant", [("delay", delay)])
        case .uniform(let range):
            return Self.problems("uniform", [("lower bound", range.lowerBound), ("upper bound", range.upperBound)])
        case .exponential(let minimum, let mean):
            var problems = Self.problems("exponential", [("minimum", minimum), ("mean", mean)])
            if mean < minimum { problems.append("exponential: the mean is \(mean), below the minimum of \(minimum)") }
            return problems
        case .logNormal(let median, let sigma):
            var problems = Self.problems("log-normal", [("median", median)])
            if !(sigma >= 0 && sigma <= NetworkLimits.largestSigma) {
                problems.append("log-normal: sigma is \(sigma), allowed is 0 to \(NetworkLimits.largestSigma)")
            }
            return problems
        case .pareto(let minimum, let shape):
            var problems = Self.problems("pareto", [("minimum", minimum)])
            if !(shape > 0 && shape.isFinite) {
                problems.append("pareto: the shape is \(shape), it has to be above 0 and finite")
            }
            return problems
        case .mixture(let shares):
            return Self.problems(ofMixture: shares)
        }
    }

    private static func problems(_ kind: String, _ durations: [(name: String, value: Duration)]) -> [String] {
        durations.compactMap { name, value in
            value >= .zero && value <= NetworkLimits.longestLatency
                ? nil : "\(kind): the \(name) is \(value), allowed is 0 to \(NetworkLimits.longestLatency)"
        }
    }

    private static func problems(ofMixture shares: [LatencyShare]) -> [String] {
        var problems: [String] = []
        for (index, share) in shares.enumerated() {
            if !(share.weight >= 0 && share.weight.isFinite) {
                problems.append("mixture[\(index)]: the weight is \(share.weight), allowed is 0 and more")
            }
            problems += share.distribution.problems().map { "mixture[\(index)].\($0)" }
        }
        guard problems.isEmpty else { return problems }
        let sum = shares.reduce(0) { $0 + $1.weight }
        if !(sum > 0 && sum.isFinite) {
            problems.append("mixture: the weights add up to \(sum), a mixture needs a part with a positive weight")
        } else if LatencyDistribution.mixture(shares).parts.count > NetworkLimits.mixtureParts {
            problems.append("mixture: more than \(NetworkLimits.mixtureParts) parts, those of mixtures within included")
        }
        return problems
    }
}
