/// Figures of a sample: mean and percentiles by nearest rank.
struct Distribution {
    private let sorted: [Int64]

    /// O(n log n).
    init(_ values: [Int64]) {
        sorted = values.sorted()
    }

    var mean: Double {
        sorted.isEmpty ? 0 : sorted.reduce(0.0) { $0 + Double($1) } / Double(sorted.count)
    }

    /// The least value that at least `share` of the sample does not exceed; 0 of an empty sample.
    func percentile(_ share: Double) -> Int64 {
        guard let last = sorted.last else { return 0 }
        let rank = (share * Double(sorted.count)).rounded(.up)
        let index = max(0, Int(rank) - 1)
        return index < sorted.count ? sorted[index] : last
    }

    /// Adds mean, p50, p99 and max, divided by `scale`; nothing of an empty sample.
    func addMeasures(_ name: String, scale: Double, _ unit: String, to builder: inout VerdictBuilder) {
        guard let greatest = sorted.last else { return }
        builder.measure("\(name), mean", mean / scale, unit)
        builder.measure("\(name), p50", Double(percentile(0.5)) / scale, unit)
        builder.measure("\(name), p99", Double(percentile(0.99)) / scale, unit)
        builder.measure("\(name), max", Double(greatest) / scale, unit)
    }
}
