/// Where the count of successes lies among independent trials.
package enum BinomialInterval {
    package static let mostTrials = 100_000

    /// The smallest central range of counts that holds at least the given probability: neither the counts below nor
    /// those above it have more than half of what remains. Between the quantiles of the binomial distribution, as those
    /// of R's `qbinom`.
    ///
    /// The probabilities are found from one another, outwards from the most probable count, and added up from the tails
    /// inwards: exact but for rounding, without logarithms or factorials. O(trials).
    ///
    /// - Parameters:
    ///   - trials: 0 ... ``mostTrials``.
    ///   - probability: of success in each, in 0 ... 1.
    ///   - confidence: above 0 and below 1.
    package static func central(trials: Int, probability: Double, confidence: Double) -> ClosedRange<Int> {
        precondition((0...mostTrials).contains(trials), "there are 0 to \(mostTrials) trials")
        precondition((0...1).contains(probability), "a probability is 0 to 1")
        precondition(confidence > 0 && confidence < 1, "a confidence is above 0 and below 1")
        if probability == 0 { return 0...0 }
        if probability == 1 { return trials...trials }
        let weights = weights(trials, probability)
        let tail = weights.reduce(0, +) * (1 - confidence) / 2
        var low = 0
        var below = weights[0]
        while below <= tail {
            low += 1
            below += weights[low]
        }
        var high = trials
        var above = weights[trials]
        while above <= tail {
            high -= 1
            above += weights[high]
        }
        return low...high
    }

    /// The probabilities of all counts as multiples of that of the most probable one. What is too far out for a double
    /// becomes 0.
    private static func weights(_ trials: Int, _ probability: Double) -> [Double] {
        let odds = probability / (1 - probability)
        let mode = min(trials, Int(Double(trials + 1) * probability))
        var weights = [Double](repeating: 1, count: trials + 1)
        for count in mode..<trials {
            weights[count + 1] = weights[count] * odds * Double(trials - count) / Double(count + 1)
        }
        for count in stride(from: mode, to: 0, by: -1) {
            weights[count - 1] = weights[count] / odds * Double(count) / Double(trials - count + 1)
        }
        return weights
    }
}
