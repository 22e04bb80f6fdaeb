import Composition
import Testing

@testable import Analysis

@Suite struct ReportHTMLTests {
    private static let hostile = "</script><script>alert(1)</script><img src=x onerror='a(\"b\")'>&\u{202E}"

    /// An input in which everything that has a name has a hostile one.
    private static var input: ReportInput {
        var factors = SampleReport.factors
        for factor in factors.indices {
            factors[factor].name += hostile
            for level in factors[factor].levels.indices { factors[factor].levels[level] += hostile }
        }
        var input = SampleReport.input(factors: factors, repetitions: 2, operations: 0)
        input.design.name = hostile
        input.design.question = hostile
        input.design.environment = hostile
        input.design.metrics = input.design.metrics.map {
            MetricDescription(
                $0.name, $0.title + hostile, unit: $0.unit, $0.direction, $0.scale, group: $0.group + hostile)
        }
        input.design.pruned[0].reason = hostile
        input.runs[3].hash = hostile
        input.runs[3].flags = [hostile]
        input.runs[3].failures = [hostile]
        input.comparisons.leftOut = [4]
        input.runs[4].failures = [hostile]
        input.configuration = hostile
        input.provenance = [(hostile, hostile)]
        input.reproduction = hostile
        return input
    }

    private static func tags(_ page: String, _ tag: String) -> Int {
        page.lowercased().split(separator: "<", omittingEmptySubsequences: false).count { $0.hasPrefix(tag) }
    }

    @Test func hostileNamesOpenNoElement() {
        let input = Self.input
        var plots = Plots.all(input)
        plots[0].caption = Self.hostile
        plots[0].title = Self.hostile
        let page = ReportHTML.page(
            input, plots: plots, bundle: nil, svgs: [plots[1].name: "<svg>\(Self.hostile)</svg>"])
        #expect(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"))
        #expect(!page.contains("alert(1)</script>"))
        #expect(Self.tags(page, "script") == 2 && Self.tags(page, "/script") == 2)
        #expect(Self.tags(page, "img") == 1 && Self.tags(page, "svg") == 0)
        #expect(!page.contains("\u{202E}"), "what reorders a line is shown as its number")
    }

    @Test func inlinedSpecificationsAreTheirJSON() throws {
        let input = Self.input
        let plots = Plots.all(input)
        let page = ReportHTML.page(input, plots: plots, bundle: nil, svgs: [:])
        let start = try #require(page.firstRange(of: "<script type=\"application/json\" id=\"plots\">"))
        let end = try #require(page[start.upperBound...].firstRange(of: "</script>"))
        let json = page[start.upperBound..<end.lowerBound]
        guard case .array(let parsed) = try JSONParser.parse(Array(json.utf8)) else {
            Issue.record("not an array")
            return
        }
        #expect(parsed.map { $0["specification"] } == plots.map(\.specification))
        #expect(!json.contains("<"))
    }

    @Test func aBundleCannotEndItsElement() {
        let page = ReportHTML.page(
            TinyReport.input(), plots: [], bundle: "x = \"</SCRIPT><!--\"; a < b", svgs: [:])
        #expect(page.contains("x = \"<\\/SCRIPT><\\!--\"; a < b</script>"))
        #expect(Self.tags(page, "script") == 3)
    }

    @Test func aPageWithoutAnythingIsComplete() {
        let page = ReportHTML.page(TinyReport.input(), plots: [], bundle: nil, svgs: [:])
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
        #expect(page.contains("Nothing was compared."))
        #expect(!page.contains("<figure"))
    }

    @Test func withoutPicturesThePageSaysHowToGetThem() {
        let input = SampleReport.input(repetitions: 1, operations: 0)
        let plots = Plots.all(input)
        let bare = ReportHTML.page(input, plots: plots, bundle: nil, svgs: [:])
        #expect(bare.contains("<code>vl-convert-python==1.9.0.post1</code>"))
        let svgs = Dictionary(uniqueKeysWithValues: plots.map { ($0.name, "<svg a=\"#\">%</svg>") })
        let page = ReportHTML.page(input, plots: plots, bundle: nil, svgs: svgs)
        #expect(!page.contains("vl-convert-python"))
        #expect(page.contains("src=\"data:image/svg+xml;charset=utf-8,%3Csvg a=%22%23%22%3E%25%3C/svg%3E\""))
    }

    @Test func pagesLoadNothing() {
        let input = SampleReport.input(repetitions: 1, operations: 0)
        let page = ReportHTML.page(input, plots: Plots.all(input), bundle: nil, svgs: [:])
        #expect(page.contains("content=\"default-src 'none';"))
        for reference in ["src=\"http", "href=\"http", "url(", "@import", "<link", "<iframe"] {
            #expect(!page.contains(reference), "\(reference)")
        }
    }

    @Test func equalInputsMakeEqualPages() {
        let pages = (0..<2).map { _ in
            let input = SampleReport.input(repetitions: 2, operations: 0)
            return ReportHTML.page(input, plots: Plots.all(input), bundle: nil, svgs: [:])
        }
        #expect(pages[0] == pages[1])
    }

    @Test func headersSortByFiguresAndNotByTheirText() {
        var run = TinyReport.run(0)
        run.metrics = ["readP99Milliseconds": 1234.5]
        let page = ReportHTML.page(TinyReport.input(TinyReport.design(), [run]), plots: [], bundle: nil, svgs: [:])
        #expect(page.contains("<td class=\"number\" data-key=\"1234.5\">1,230 <small>1,230 to 1,230</small></td>"))
        #expect(page.contains("<td class=\"number\" data-key=\"\">–</td>"))
        #expect(page.contains("aria-sort=\"none\"><button type=\"button\">read p99 (ms)</button>"))
    }

    @Test func theScriptNamesWhatTheModuleNames() {
        #expect(PlotScript.text.contains("PACKAGE = \"\(PlotScript.package)\""))
        #expect(PlotScript.text.contains("VERSION = \"\(PlotScript.version)\""))
        #expect(PlotScript.text.hasPrefix("\"\"\"Draws"))
    }
}
