/// Median and quartiles of a metric over a cell's runs.
struct CellSpread: Hashable, Sendable {
    let median: Double
    let lower: Double
    let upper: Double

    /// - Parameter figures: finite, in any order; `nil` is returned where there are none.
    init?(_ figures: [Double]) {
        guard !figures.isEmpty else { return nil }
        let sorted = figures.sorted()
        median = Sample.quantile(sorted: sorted, 0.5)
        lower = Sample.quantile(sorted: sorted, 0.25)
        upper = Sample.quantile(sorted: sorted, 0.75)
    }
}
