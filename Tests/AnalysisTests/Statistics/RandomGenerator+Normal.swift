import StatorCore

extension RandomGenerator {
    /// Nearly normal: the sum of twelve uniform draws (kurtosis 2.9 instead of 3).
    mutating func normal(mean: Double, deviation: Double) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += fraction() }
        return mean + deviation * sum
    }
}
