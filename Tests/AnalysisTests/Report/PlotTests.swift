import Composition
import Testing
import Workload

@testable import Analysis

@Suite struct PlotTests {
    private static let full = SampleReport.input(repetitions: 2, operations: 50)
    private static let names = [
        "effects", "latency-cdf", "throughput-latency", "freshness", "convergence", "bytes-against-difference",
        "detection-pareto", "load", "stationarity", "same-again",
    ]

    /// All rows of inlined data, wherever they are in a specification.
    private static func rows(in value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let elements): elements.flatMap { rows(in: $0) }
        case .object(let members):
            members.flatMap { member -> [JSONValue] in
                if member.name == "data", case .array(let rows)? = member.value["values"] { return rows }
                return rows(in: member.value)
            }
        default: []
        }
    }

    private static func figures(_ name: String, _ rows: [JSONValue]) -> [Double] {
        rows.compactMap { row in
            switch row[name] {
            case .integer(let integer)?: Double(integer)
            case .number(let number)?: number
            default: nil
            }
        }
    }

    @Test func everyPlotHasDataWhereTheMatrixHas() {
        let plots = Plots.all(Self.full)
        #expect(plots.map(\.name) == Self.names)
        for plot in plots {
            #expect(!Self.rows(in: plot.specification).isEmpty, "\(plot.name)")
            #expect(plot.specification["title"]?["text"] == .text(plot.title))
            #expect(plot.specification["$schema"] == .text("https://vega.github.io/schema/vega-lite/v5.json"))
            #expect(!plot.caption.isEmpty)
        }
    }

    @Test func specificationsAreJSONThatReadsBackAsItIs() throws {
        for plot in Plots.all(Self.full) {
            let text = plot.specification.text(pretty: false)
            #expect(try JSONParser.parse(Array(text.utf8)) == plot.specification, "\(plot.name)")
            #expect(!text.contains("http://") && text.components("https://") == 1, "nothing is loaded: \(plot.name)")
        }
    }

    @Test func noPlotIsThereWithoutData() {
        #expect(Plots.all(TinyReport.input()).isEmpty)
        let empty = TinyReport.input(TinyReport.design(), [TinyReport.run(0), TinyReport.run(1, cell: 1)])
        #expect(Plots.all(empty).isEmpty)
    }

    @Test(arguments: ["freshness", "divergence", "load", "throughput"])
    func aPlotGoesWithItsSeries(series: String) {
        var input = Self.full
        for index in input.runs.indices {
            input.runs[index].series.removeAll { $0.name == series }
            input.runs[index].histograms = [:]
        }
        let names = Self.names.filter { $0 != "latency-cdf" && $0 != "throughput-latency" }
        let plots = ["divergence": "convergence", "throughput": "stationarity"]
        #expect(Plots.all(input).map(\.name) == names.filter { $0 != plots[series] ?? series })
    }

    @Test func percentilesAreOfMergedHistogramsAndNeverAveraged() {
        var runs = [TinyReport.run(0), TinyReport.run(1)]
        runs[0].histograms["read"] = TinyReport.histogram(milliseconds: 1, count: 900)
        runs[1].histograms["read"] = TinyReport.histogram(milliseconds: 100, count: 100)
        let plots = Plots.all(TinyReport.input(TinyReport.design(), runs))
        let rows = Self.rows(in: plots[0].specification)
        let points = zip(Self.figures("percent", rows), Self.figures("latency", rows))
        #expect(plots.map(\.name) == ["latency-cdf"])
        for (percent, latency) in points {
            // 90% of the union take 1 ms; the mean of the two runs' medians would be 50.5 ms.
            #expect(abs(latency - (percent <= 90 ? 1 : 100)) < 0.2, "\(percent)%: \(latency) ms")
        }
        #expect(Self.figures("rest", rows).max() == 1000)
    }

    @Test func runsThatAreLeftOutOrAgainstThemselvesAreNotDrawn() {
        var runs = [TinyReport.run(0), TinyReport.run(1), TinyReport.run(2)]
        for index in runs.indices {
            runs[index].series = [RunSeries(name: "throughput", points: [.init(x: 0, y: Double(index + 1))])]
        }
        runs[2].arm = .sameAgain(0)
        let plots = Plots.all(TinyReport.input(TinyReport.design(), runs, leftOut: [0]))
        #expect(Self.figures("y", Self.rows(in: plots[0].specification)) == [2])
    }

    @Test func moreCellsThanColoursArePutIntoPanels() {
        let runs = CellRuns(Self.full)
        let grouping = CellGrouping(runs)
        #expect(grouping.panels == ["lww-hlc", "dotted-version-vector", "causal-siblings"].map { "resolver: " + $0 })
        #expect(grouping.labels == ["full-scan · 0.5", "full-scan · 0.99", "merkle · 0.5", "merkle · 0.99"])
        #expect(grouping.groups.count == 12 && grouping.note == nil)
    }

    @Test func whatIsMergedIsSaidInTheCaption() {
        var factors = SampleReport.factors
        factors[1].levels = (0..<4).map { "s\($0)" }
        factors[2].levels = (0..<3).map { "k\($0)" }
        let input = SampleReport.input(factors: factors, repetitions: 1, operations: 0)
        let grouping = CellGrouping(CellRuns(input))
        #expect(grouping.labels == factors[1].levels)
        // A cell whose only run is left out is not there.
        #expect(grouping.groups.map(\.cells.count).sorted() == [2] + [Int](repeating: 3, count: 11))
        let freshness = Plots.all(input).first { $0.name == "freshness" }
        #expect(freshness?.caption.hasSuffix("The runs of cells that differ only in skew are merged.") == true)
    }

    @Test func atMostFortyEffectsAreDrawnTheCredibleAndLargestFirst() {
        let comparisons = (1...60).map { place in
            TinyReport.comparison(
                "readP99Milliseconds", effect: 1 + Double(place) / 10, 1...10, from: 1, to: 2,
                pValue: place <= 3 ? 0.001 : 0.5)
        }
        let places = EffectRanking.places(comparisons, TinyReport.design())
        #expect(places.count == 40)
        #expect(Array(places.prefix(5)) == [2, 1, 0, 59, 58])
        let plot = Plots.effects(
            TinyReport.input(TinyReport.design(), [], comparisons).comparisons, TinyReport.design())
        #expect(plot?.caption.contains("20 of 60 comparisons are left out") == true)
        #expect(plot.map { Self.rows(in: $0.specification).count } == 40)
    }

    @Test func aHalvedRatioIsAsLargeAsADoubledOne() {
        let comparisons = [1.9, 0.5, 1.0].map {
            TinyReport.comparison("readP99Milliseconds", effect: $0, $0...$0, from: 1, to: $0, pValue: 0.001)
        }
        #expect(EffectRanking.places(comparisons, TinyReport.design()) == [1, 0])
    }

    @Test func pValuesOfExactlyFivePercentAreSignificant() {
        let counts = Plots.counts(of: [0.05, 0.0501, 1, 0.001])
        #expect(counts[0] == 2 && counts[1] == 1 && counts[19] == 1)
    }
}

extension String {
    /// How often a text occurs in this one.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
