/// How much more often a value of one sample is above one of the other than below: Cliff, "Dominance statistics:
/// ordinal analyses to answer ordinal questions" (Psychological Bulletin 114(3), 1993).
///
/// An effect size that does not depend on units or outliers: 0 where neither tends to be above, 1 where all of `one`
/// are above all of `other`, -1 the other way round. Ties count for neither. O((n + m) log m).
///
/// - Precondition: both samples have a value, and none is NaN.
package func cliffsDelta(_ one: [Double], _ other: [Double]) -> Double {
    precondition(!one.isEmpty && !other.isEmpty, "an empty sample dominates nothing")
    let sorted = other.sorted()
    var balance = 0
    for value in one {
        let below = sorted.countOfPrefix { $0 < value }
        let upTo = sorted.countOfPrefix { $0 <= value }
        balance += below - (sorted.count - upTo)
    }
    return Double(balance) / Double(one.count * other.count)
}

extension [Double] {
    /// How many values at the start meet a condition that none after them meets. O(log n).
    func countOfPrefix(_ condition: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
