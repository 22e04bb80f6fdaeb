import StatorCore

/// Clocks that tick together and are off by up to a limit, stepping now and then, also backwards.
struct SkewedClocks {
    private var time: Int64 = 1_750_000_000_000_000
    private var offsets: [Int64]
    private let limit: Int
    private var generator: RandomGenerator

    init(nodes: Int, limit: Int, seed: UInt64) {
        offsets = Array(repeating: 0, count: nodes)
        self.limit = limit
        generator = RandomGenerator(seed: seed)
        for node in offsets.indices { step(node) }
    }

    mutating func tick() {
        time += Int64(generator.below(2000))
        if generator.chance(0.1) { step(generator.below(offsets.count)) }
    }

    private mutating func step(_ node: Int) {
        offsets[node] = limit == 0 ? 0 : Int64(generator.below(2 * limit)) - Int64(limit)
    }

    func wall(of node: Int) -> WallTime {
        WallTime(microseconds: time + offsets[node])
    }

    /// Later than every clock.
    var latest: WallTime { WallTime(microseconds: time + Int64(limit)) }
}
