package import StatorCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What YCSB calls a zipfian request distribution, bit for bit: its `ScrambledZipfianGenerator` with the ITEM_COUNT of
/// 10^10 that its zeta belongs to. For comparing with figures that were measured so.
///
/// A rank among 10^10 + 1 by the approximate inverse of Gray et al. ("Quickly generating billion-record synthetic
/// databases", SIGMOD 1994) with the exponent 0.99 and a precomputed zeta, hashed by FNV-1a, modulo the number of keys.
/// **It is not Zipf's law over the keys.** Its known defects:
///
/// - The skew hardly depends on the number of keys: the most popular rank gets 1 / 26.469 = 3.8 % of the operations,
///   of a thousand keys too, where Zipf's law with 0.99 gives 12.9 %. The mass of ranks beyond the keys is spread over
///   all.
/// - Ranks collide: two popular ones may share a key, so that the shares depend on the number of keys erratically.
/// - Ranks from the third on have approximate frequencies.
/// - The exponent cannot be chosen.
///
/// One fraction a draw, O(1), no table. Deviations: the fraction is ours, not java.util.Random's; and -2^63 as a hash,
/// which Java's `Math.abs` leaves negative, would count as 2^63. `pow` is libm's, whose last bit may differ from the
/// JVM's: a rank of the tail may then differ by one part in 10^13.
package struct YCSBScrambledZipfian: Sendable {
    package static let theta = 0.99
    private static let zeta = 26.46902820178302
    /// YCSB's ITEM_COUNT is 10^10, and the last of them is included.
    private static let items = 10_000_000_001.0

    private let keys: Int
    private let alpha: Double
    private let eta: Double
    private let secondBound: Double

    package init(keys: Int) {
        precondition(keys > 0, "at least one key")
        self.keys = keys
        let theta = Self.theta
        let zetaOfTwo = 1 / pow(1, theta) + 1 / pow(2, theta)
        alpha = 1 / (1 - theta)
        eta = (1 - pow(2 / Self.items, 1 - theta)) / (1 - zetaOfTwo / Self.zeta)
        secondBound = 1 + pow(0.5, theta)
    }

    package func draw(_ random: inout RandomGenerator) -> Int {
        key(of: rank(at: random.fraction()))
    }

    /// - Parameter fraction: in 0 ..< 1.
    func rank(at fraction: Double) -> Int64 {
        let scaled = fraction * Self.zeta
        if scaled < 1 { return 0 }
        if scaled < secondBound { return 1 }
        return Int64(Self.items * pow(eta * fraction - eta + 1, alpha))
    }

    func key(of rank: Int64) -> Int {
        Int(Self.hash(rank) % UInt64(keys))
    }

    /// YCSB's `Utils.fnvhash64`: FNV-1a over the eight bytes, the lowest first, and the absolute value of that.
    static func hash(_ value: Int64) -> UInt64 {
        var rest = value
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for _ in 0..<8 {
            hash = (hash ^ UInt64(truncatingIfNeeded: rest & 0xFF)) &* 1_099_511_628_211
            rest >>= 8
        }
        return Int64(bitPattern: hash).magnitude
    }
}
