internal import StatorCore

/// Continuous distributions drawn by comparing uniform numbers only (von Neumann, "Various techniques used in
/// connection with random digits", NBS Applied Mathematics Series 12, 1951). No logarithm: exact but for the 53 bits of
/// a fraction, and the same on every platform.
extension RandomGenerator {
    /// True with the probability e^-power.
    ///
    /// Fractions are drawn while each is below the one before, the first below `power`: n of them with the probability
    /// power^n / n! or more, hence an even number of them with 1 - power + power^2 / 2! - ...
    ///
    /// - Parameter power: in 0 ... 1.
    mutating func chanceOfDecay(_ power: Double) -> Bool {
        var bound = power
        var isEven = true
        while true {
            let drawn = fraction()
            if drawn >= bound { return isEven }
            bound = drawn
            isEven.toggle()
        }
    }

    /// Exponentially distributed, of mean 1. About 4.3 fractions.
    mutating func exponential() -> Double {
        var whole = 0.0
        while true {
            let part = fraction()
            if chanceOfDecay(part) { return whole + part }
            whole += 1
        }
    }

    /// Normally distributed, of mean 0 and deviation 1: algorithm N of Karney, "Sampling exactly from the normal
    /// distribution", ACM TOMS 42(1), 2016.
    mutating func normal() -> Double {
        while true {
            var whole = 0
            while chanceOfDecay(0.5) { whole += 1 }
            guard (0..<whole * max(whole - 1, 0)).allSatisfy({ _ in chanceOfDecay(0.5) }) else { continue }
            let part = fraction()
            let power = part * (Double(2 * whole) + part) / Double(2 * whole + 2)
            guard (0...whole).allSatisfy({ _ in chanceOfDecay(power) }) else { continue }
            let size = Double(whole) + part
            return chance(0.5) ? size : -size
        }
    }
}
