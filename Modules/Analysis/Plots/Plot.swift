package import Composition

/// A figure of a report as a Vega-Lite specification that needs nothing from elsewhere.
package struct Plot: Sendable {
    /// Names its files and its place in the page: lower case with hyphens.
    package var name: String
    package var title: String
    /// What is drawn, what was merged and what was left out; some sentences.
    package var caption: String
    /// Vega-Lite 5, data and all.
    package var specification: JSONValue

    package init(name: String, title: String, caption: String, specification: JSONValue) {
        self.name = name
        self.title = title
        self.caption = caption
        self.specification = specification
    }
}

/// The plots of a matrix.
package enum Plots {
    /// Those for which there are data, in the order of the page.
    ///
    /// - Complexity: O(runs x points), but for the percentiles of merged histograms.
    package static func all(_ input: ReportInput) -> [Plot] {
        let runs = CellRuns(input)
        let grouping = CellGrouping(runs)
        return [
            effects(input.comparisons, input.design),
            latencies(runs, grouping),
            throughputLatency(runs, grouping),
            freshness(runs, grouping),
            convergence(runs, grouping),
            bytesAgainstDifference(runs),
            detectionPareto(runs),
            load(runs, grouping),
            stationarity(runs, grouping),
            sameAgain(input.comparisons),
        ].compactMap { $0 }
    }

    /// What the plots look for among the metrics of a run.
    enum Names {
        static let syncBytes = "syncBytesAfterFaults"
        static let keysDiffering = "keysDifferingAtHeal"
        static let detection = "detectionMilliseconds"
        static let falseSuspicions = "falseSuspicionsPerNodeHour"
        static let throughput = "throughputPerSecond"
    }
}
