/// A fixed pseudo-random permutation of the numbers 0 ..< count, without a table: where the popular keys lie.
///
/// A Feistel network of six rounds over the least power of four that holds them all (Luby and Rackoff, "How to
/// construct pseudorandom permutations from pseudorandom functions", SIAM J. Comput. 17(2), 1988), walked on until it
/// is back among the numbers (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002, cycle walking).
/// Being a permutation it gives no two ranks one key, as a hash taken modulo the number of keys does. O(1): under four
/// walks on average. The same for all seeds.
struct Scatter: Sendable {
    private static let rounds: UInt64 = 6

    let count: Int
    private let halfBits: UInt64
    private let mask: UInt64

    init(count: Int) {
        precondition(count > 0 && count <= 1 << 60, "numbers to permute")
        self.count = count
        let bits = UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount)
        halfBits = max((bits + 1) / 2, 1)
        mask = (1 << halfBits) - 1
    }

    func callAsFunction(_ number: Int) -> Int {
        precondition((0..<count).contains(number), "a number of the permuted ones")
        var walked = UInt64(number)
        repeat { walked = permuted(walked) } while walked >= UInt64(count)
        return Int(walked)
    }

    private func permuted(_ number: UInt64) -> UInt64 {
        var left = number >> halfBits
        var right = number & mask
        for round in 1...Scatter.rounds {
            (left, right) = (right, left ^ (Scatter.mixed(right &+ round &* 0x9E37_79B9_7F4A_7C15) & mask))
        }
        return left << halfBits | right
    }

    /// The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
    /// 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
