/// Exponential, logarithm and normal quantile from additions, multiplications, divisions and square roots alone.
///
/// IEEE 754 fixes the result of those to the bit, and libm's functions to no bit at all: it chooses its code by the
/// processor it finds. A seed has to mean the same run on every machine, so tables of the simulator are made with these.
/// Slow (some ten nanoseconds) and meant for construction only. Relative errors are below 1e-14.
enum PortableMath {
    private static let ln2High = 0x1.62e42feep-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// e to the power of `exponent`: zero below -700, infinite above 700.
    static func exponential(_ exponent: Double) -> Double {
        guard exponent > -700 else { return 0 }
        guard exponent < 700 else { return .infinity }
        let power = (exponent / (ln2High + ln2Low)).rounded()
        let rest = (exponent - power * ln2High) - power * ln2Low
        var sum = 1.0
        // Taylor's series from its smallest term; |rest| is at most ln 2 / 2.
        for term in stride(from: 16, through: 1, by: -1) { sum = 1 + sum * rest / Double(term) }
        return Double(sign: .plus, exponent: Int(power), significand: sum)
    }

    /// The natural logarithm of a positive, finite number.
    static func logarithm(_ value: Double) -> Double {
        precondition(value > 0 && value.isFinite, "only positive numbers have a logarithm")
        var power = Double(value.exponent)
        var fraction = value.significand
        if fraction > 1.414_213_562_373_095 {
            fraction /= 2
            power += 1
        }
        // 2 atanh(t), whose series converges fast: t is at most 0.172.
        let t = (fraction - 1) / (fraction + 1)
        var sum = 0.0
        for term in stride(from: 25, through: 1, by: -2) { sum = sum * t * t + 1 / Double(term) }
        return power * ln2High + (power * ln2Low + 2 * t * sum)
    }

    /// How many standard deviations below its mean a normal distribution has the given share of its mass beyond;
    /// positive for a share below one half.
    ///
    /// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37(3), 1988
    /// (PPND16).
    /// - Parameter tail: in 0 < tail <= 1/2.
    static func normalDeviate(tail: Double) -> Double {
        precondition(tail > 0 && tail <= 0.5, "a tail holds at most half of the mass")
        let distance = 0.5 - tail
        if distance <= 0.425 {
            let r = 0.180625 - distance * distance
            return distance * ratio(centre, r)
        }
        let r = (-logarithm(tail)).squareRoot()
        return r <= 5 ? ratio(near, r - 1.6) : ratio(far, r - 5)
    }

    private typealias Rational = (numerator: [Double], denominator: [Double])

    private static func ratio(_ rational: Rational, _ x: Double) -> Double {
        func value(_ coefficients: [Double]) -> Double { coefficients.reversed().reduce(0) { $0 * x + $1 } }
        return value(rational.numerator) / value(rational.denominator)
    }

    private static let centre: Rational = (
        [
            3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
            4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
        ],
        [
            1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
            3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
        ]
    )

    private static let near: Rational = (
        [
            1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
            1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
        ],
        [
            1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
            1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
        ]
    )

    private static let far: Rational = (
        [
            6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
            2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
        ],
        [
            1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
            7.86869131145613259100e-4,
            1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
        ]
    )
}
