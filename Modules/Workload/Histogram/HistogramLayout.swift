/// Where the values of a ``LatencyHistogram`` are in the array of counts that HdrHistogram's encoding writes out: 2048
/// ranges of 512 ns, then 1024 for each doubling, each twice as wide as those before.
enum HistogramLayout {
    /// Of 512 ns, the largest power of two not over 1 us.
    private static let unitBits = 9
    /// Of the ranges of a doubling.
    private static let halfBits = 10

    static func index(of nanoseconds: UInt64) -> Int {
        let units = nanoseconds >> UInt64(unitBits)
        let doublings = max(0, UInt64.bitWidth - units.leadingZeroBitCount - halfBits - 1)
        return doublings << halfBits + Int(units >> UInt64(doublings))
    }

    /// The least value of a range.
    static func nanoseconds(at index: Int) -> UInt64 {
        let doublings = max(0, index >> halfBits - 1)
        return UInt64(index - doublings << halfBits) << UInt64(doublings + unitBits)
    }

    /// The number of ranges that values can fall into.
    static let count = index(of: LatencyHistogram.highestNanoseconds) + 1
}
