internal import StatorCore

/// Draws the sizes of values as `valueSizes` says, the same on every platform but for `zipfian`: see ``ZipfTable``.
struct ValueSizeSampler: Sendable {
    private enum Method: Sendable {
        case constant
        case uniform
        case logNormal(sigma: Double)
        case zipfian(ZipfTable)
    }

    private let minimum: Int
    private let value: Int
    private let method: Method

    init(_ settings: WorkloadSettings) {
        value = settings.value.bytes
        minimum = settings.valueMinimum.bytes
        precondition(settings.valueSizes == .constant || minimum <= value, "the least size is not above the other")
        switch settings.valueSizes {
        case .constant: method = .constant
        case .uniform: method = .uniform
        case .logNormal: method = .logNormal(sigma: settings.valueSigma)
        case .zipfian: method = .zipfian(ZipfTable(count: value - minimum + 1, theta: 0.99))
        }
    }

    /// - Returns: a number of bytes. A constant size draws nothing.
    func draw(_ random: inout RandomGenerator) -> Int {
        switch method {
        case .constant: return value
        case .uniform: return minimum + random.below(value - minimum + 1)
        case .zipfian(let table): return minimum + table.draw(&random)
        case .logNormal(let sigma):
            let size = Double(value) * Self.exponential(sigma * random.normal())
            return max(minimum, Int(min(size, Double(WorkloadSettings.maximumValueBytes)).rounded()))
        }
    }

    /// e^x within 1e-15 of the value for |x| < 700, by additions and multiplications only: libm's differs by platform.
    static func exponential(_ x: Double) -> Double {
        let halvings = (x * 1.4426950408889634).rounded()
        // ln 2 in two parts, the first with few enough bits that its product is exact.
        let rest = (x - halvings * 0x1.62e42feep-1) - halvings * 0x1.a39ef35793c76p-33
        var sum = 1.0
        for divisor in stride(from: 14.0, to: 0, by: -1) { sum = 1 + sum * rest / divisor }
        return sum * Double(sign: .plus, exponent: Int(halvings), significand: 1)
    }
}
