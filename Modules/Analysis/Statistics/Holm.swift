/// Holm's correction for many tests: Holm, "A simple sequentially rejective multiple test procedure" (Scandinavian
/// Journal of Statistics 6(2), 1979).
///
/// Where none of the tests has an effect, the probability that any adjusted p-value is at most 5% is at most 5%,
/// whatever the tests have to do with one another.
package enum Holm {
    /// P-values that may be compared with the significance as if each were the only one: the least times the number of
    /// tests, the next times one less, and so on; never less than one before it in that order, and never above 1.
    /// O(n log n).
    ///
    /// - Parameter pValues: each in 0 ... 1.
    /// - Returns: the adjusted values, in the order of the parameter.
    package static func adjusted(_ pValues: [Double]) -> [Double] {
        precondition(pValues.allSatisfy { (0...1).contains($0) }, "a p-value is 0 to 1")
        var adjusted = pValues
        var greatest = 0.0
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        for (rank, place) in order.enumerated() {
            greatest = max(greatest, min(1, Double(order.count - rank) * pValues[place]))
            adjusted[place] = greatest
        }
        return adjusted
    }
}
