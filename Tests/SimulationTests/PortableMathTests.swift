import Foundation
import StatorCore
import Testing

@testable import Simulation

@Suite struct PortableMathTests {
    @Test func exponentialsAgreeWithLibm() {
        for step in -6999...6999 {
            let exponent = Double(step) / 10 + 0.0123
            #expect(abs(PortableMath.exponential(exponent) / exp(exponent) - 1) < 1e-14, "\(exponent)")
        }
        #expect(PortableMath.exponential(0) == 1)
        #expect(PortableMath.exponential(1e9) == .infinity)
        #expect(PortableMath.exponential(-1e9) == 0)
    }

    @Test func logarithmsAgreeWithLibm() {
        var random = RandomGenerator(seed: 1)
        for _ in 0..<20_000 {
            let value = exp(1400 * (random.fraction() - 0.5))
            let expected = log(value)
            #expect(abs(PortableMath.logarithm(value) - expected) <= 1e-14 * abs(expected), "\(value)")
        }
        for value in [0x1p-30, 1 - 0x1p-30, 1 + 0x1p-30, 0.5, 2] {
            #expect(abs(PortableMath.logarithm(value) / log(value) - 1) < 1e-14, "\(value)")
        }
        #expect(PortableMath.logarithm(1) == 0)
    }

    @Test func normalDeviatesInvertTheErrorFunction() {
        for power in 1...40 {
            for factor in [1.0, 0.9, 0.77, 0.6] {
                let tail = factor * pow(2, -Double(power))
                let deviate = PortableMath.normalDeviate(tail: tail)
                let found = erfc(deviate / 2.0.squareRoot()) / 2
                #expect(abs(found / tail - 1) < 1e-12, "\(tail)")
            }
        }
        #expect(PortableMath.normalDeviate(tail: 0.5) == 0)
    }
}
