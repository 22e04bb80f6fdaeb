internal import StatorCore

/// Owned ranges whose records are not all here again after a lost disk, in token order.
struct RecoveringRanges {
    private(set) var ranges: [TokenRange] = []

    init(_ ranges: [TokenRange] = []) {
        self.ranges = ranges
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// Of all tokens, in 0 ... 1.
    var fraction: Double { ranges.reduce(0) { $0 + $1.fraction } }

    /// O(log ranges).
    func contains(_ token: Token) -> Bool { index(of: token) != nil }

    /// Its records are all here.
    mutating func remove(_ range: TokenRange) {
        guard let position = index(of: range.first) else { return }
        ranges.replaceSubrange(position...position, with: ranges[position].subtracting(range))
    }

    private func index(of token: Token) -> Int? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < token { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(token) ? low : nil
    }
}
