/// The seeded generator that machines draw from: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom
/// number generators", ACM TOMS 47(4), 2021), its state filled by SplitMix64.
///
/// Deterministic for a seed on every platform. Not for secrets. 32 bytes, O(1) a draw.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64) {
        var splitMix = seed
        func next() -> UInt64 {
            splitMix &+= 0x9E37_79B9_7F4A_7C15
            var mixed = splitMix
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        state = (next(), next(), next(), next())
    }

    @inlinable
    public mutating func next() -> UInt64 {
        func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
            (value << count) | (value >> (64 - count))
        }
        let result = rotated(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, 45)
        return result
    }

    /// A whole number in 0 ..< bound, without bias (Lemire's method).
    @inlinable
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a bound is positive")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// A fraction in 0 ..< 1 with 53 random bits.
    @inlinable
    public mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True with the given probability in 0 ... 1.
    @inlinable
    public mutating func chance(_ probability: Double) -> Bool {
        fraction() < probability
    }

    /// A duration drawn uniformly from `base * (1 - spread) ... base * (1 + spread)`, against synchronised timers.
    public mutating func jittered(_ base: Duration, spread: Double = 0.1) -> Duration {
        Duration(nanoseconds: Int64(Double(base.nanoseconds) * (1 + spread * (2 * fraction() - 1))))
    }

    /// A generator whose draws are independent of this one's later draws.
    public mutating func split() -> RandomGenerator {
        RandomGenerator(seed: next())
    }
}
