/// A comparison in words, for sentences, tables and labels.
struct ComparisonPhrase: Sendable {
    /// Such as `resolver: lww-hlc → dotted-version-vector`; a cell's name where it is compared with itself.
    let change: String
    /// The levels of the other varied factors, such as `skew=0.99`; may be empty.
    let context: String
    /// Such as `+25%`, `× 4.2` or `−3.1 percentage points`.
    let effect: String
    /// Such as `(95% interval +20% to +31%)`.
    let interval: String
    /// `better` or `worse`; `nil` where the metric is neither, or nothing changed.
    let reading: String?

    init(_ comparison: Comparison, _ design: Design) {
        let metric = design.metric(comparison.metric)
        let style = Style(metric, around: comparison.effect)
        effect = style.text(comparison.effect) + style.unit
        interval =
            "(95% interval \(style.text(comparison.interval.lowerBound)) to "
            + "\(style.text(comparison.interval.upperBound))\(comparison.isIndicative ? ", indicative" : ""))"
        let cell = design.cells[comparison.cell]
        if let factor = comparison.factor {
            let from = design.levelName(of: comparison.baseline, in: factor)
            change = "\(design.factors[factor].name): \(from) → \(design.levelName(of: comparison.cell, in: factor))"
            context = design.variedFactors.filter { $0 != factor }
                .map { "\(design.factors[$0].name)=\(design.levelName(of: comparison.cell, in: $0))" }
                .joined(separator: ", ")
        } else {
            change = design.name(of: cell)
            context = ""
        }
        let neutral = metric?.scale == .ratio ? 1.0 : 0
        switch metric?.direction {
        case .lowerIsBetter where comparison.effect != neutral:
            reading = comparison.effect < neutral ? "better" : "worse"
        case .higherIsBetter where comparison.effect != neutral:
            reading = comparison.effect > neutral ? "better" : "worse"
        default: reading = nil
        }
    }

    /// How an effect of a metric is written.
    struct Style: Sendable {
        private let metric: MetricDescription?
        private let isFactor: Bool

        /// - Parameter effect: a ratio that is at least halved or doubled is told as a factor, others as a percentage.
        init(_ metric: MetricDescription?, around effect: Double) {
            self.metric = metric
            isFactor = metric?.scale == .ratio && !(0.5..<2).contains(effect)
        }

        /// What follows the number.
        var unit: String {
            guard let metric, metric.scale == .difference else { return "" }
            return metric.unit.isEmpty ? " percentage points" : metric.unit == "bytes" ? "" : " " + metric.unit
        }

        /// The same for tables.
        var shortUnit: String { unit == " percentage points" ? " pp" : unit }

        func text(_ effect: Double) -> String {
            guard let metric, metric.scale == .ratio else {
                if metric?.unit == "bytes" { return Figures.signed(Figures.bytes(effect), isPositive: effect > 0) }
                let scaled = metric?.unit.isEmpty == true ? effect * 100 : effect
                return Figures.signed(Figures.plain(scaled), isPositive: scaled > 0)
            }
            if isFactor { return "× " + Figures.plain(effect) }
            // One decimal: a change of a thousandth is no news.
            let percent = ((effect - 1) * 1000).rounded() / 10
            return Figures.signed(Figures.plain(percent), isPositive: percent > 0) + "%"
        }
    }
}
