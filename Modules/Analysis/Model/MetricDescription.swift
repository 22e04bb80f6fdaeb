/// What one figure of a run is, so that tables, plots and tests treat it rightly.
package struct MetricDescription: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable {
        case lowerIsBetter = "lower"
        case higherIsBetter = "higher"
        /// A figure that explains others and is neither good nor bad.
        case neutral
    }

    /// How two runs are compared.
    package enum Scale: String, Hashable, Sendable {
        /// By the ratio of positive figures: times, rates, bytes.
        case ratio
        /// By the difference of figures that may be 0: shares and counts.
        case difference
    }

    /// As in `metrics` of runs.jsonl and the columns of summary.csv: camel case with the unit at the end.
    package let name: String
    /// For people, without the unit.
    package let title: String
    /// Such as `ms`, `operations/s`, `bytes`; empty for shares, which are printed as percentages.
    package let unit: String
    package let direction: Direction
    package let scale: Scale
    /// Under which heading tables show it: `Speed`, `Consistency`, `Traffic`, ...
    package let group: String

    package init(
        _ name: String, _ title: String, unit: String, _ direction: Direction, _ scale: Scale, group: String
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.direction = direction
        self.scale = scale
        self.group = group
    }
}
