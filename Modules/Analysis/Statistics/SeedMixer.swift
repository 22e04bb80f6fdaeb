/// Makes one seed of another and some coordinates, so that draws depend on what they are for and not on when they are
/// made: the finaliser of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA
/// 2014) after each coordinate.
struct SeedMixer {
    /// The seed for the coordinates so far, in their order.
    private(set) var seed: UInt64

    init(_ seed: UInt64) {
        self.seed = seed
        // Neighbouring seeds must not meet by neighbouring coordinates.
        mix(0)
    }

    mutating func mix(_ number: Int) {
        var mixed = seed &+ 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(number))
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        seed = mixed ^ (mixed >> 31)
    }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(Int(byte)) }
        mix(text.utf8.count)
    }
}
