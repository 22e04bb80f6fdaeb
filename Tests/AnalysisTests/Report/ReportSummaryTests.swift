import Testing

@testable import Analysis

@Suite struct ReportSummaryTests {
    private func findings(_ comparisons: [Comparison], _ design: Design = TinyReport.design()) -> [String] {
        let summary = ReportSummary(TinyReport.input(design, [], comparisons))
        return summary.factors.flatMap(\.changes).flatMap { [$0.opening.plain] + $0.findings.map(\.plain) }
    }

    private func warnings(_ input: ReportInput) -> [String] { ReportSummary(input).warnings.map(\.plain) }

    @Test func aPlantedEffectIsToldWithItsInterval() {
        let lost = TinyReport.comparison(
            "lostShare", effect: -0.031, -0.0344 ... -0.0279, from: 0.0311, to: 0, pValue: 0.0001)
        let latency = TinyReport.comparison(
            "readP99Milliseconds", effect: 1.251, 1.2...1.31, from: 10, to: 12.5, pValue: 0.0001)
        #expect(
            findings([lost, latency]) == [
                "Against lww, dvv:",
                "read p99: +25.1% (95% interval +20% to +31%), median 10 ms → 12.5 ms: worse.",
                "lost updates: −3.1 percentage points (95% interval −3.44 to −2.79), median 3.11% → 0%: better.",
            ])
    }

    @Test func aLargeRatioIsToldAsAFactor() {
        let comparison = TinyReport.comparison(
            "readP99Milliseconds", effect: 4.2, 3.9...4.6, from: 10, to: 42, pValue: 0.0001)
        #expect(findings([comparison])[1].hasPrefix("read p99: × 4.2 (95% interval × 3.9 to × 4.6)"))
    }

    @Test func whatDoesNotDifferCrediblyIsSaidToo() {
        let null = [
            TinyReport.comparison("lostShare", effect: 0.001, -0.01...0.012, from: 0.03, to: 0.03, pValue: 0.8),
            TinyReport.comparison("readP99Milliseconds", effect: 1.01, 0.9...1.1, from: 1, to: 1.01, pValue: 0.6),
        ]
        #expect(
            findings(null) == [
                "Against lww, dvv:", "No credible difference in read p99, lost updates (2 comparisons).",
            ])
    }

    @Test func settingsOfTheOtherFactorsAreCounted() {
        let design = TinyReport.design(
            factors: [
                Design.Factor(name: "resolver", levels: ["lww", "dvv"]),
                Design.Factor(name: "skew", levels: ["low", "high"]),
            ], cells: [[0, 0], [0, 1], [1, 0], [1, 1]])
        let comparisons = [(0, 2, -0.01, 0.001), (1, 3, -0.06, 0.001)].map { baseline, cell, effect, pValue in
            TinyReport.comparison(
                "lostShare", effect: effect, effect - 0.01...effect + 0.01, from: -effect, to: 0, pValue: pValue,
                cells: (baseline, cell))
        }
        #expect(
            findings(comparisons, design)[1]
                == "lost updates: better in 2 of 2 settings of the other factors; most with skew=high: −6 percentage points "
                + "(95% interval −7 to −5), median 6% → 0%.")
    }

    @Test func theSummaryFindsWhatTheSampleHasPlanted() {
        let summary = ReportSummary(SampleReport.input(repetitions: 12, operations: 0))
        #expect(summary.factors.map(\.name) == ["resolver", "sync", "skew"])
        let resolver = summary.factors[0].changes[1].findings.map(\.plain)
        #expect(resolver.contains { $0.hasPrefix("lost updates: better in 4 of 4 settings") })
        let sync = summary.factors[1].changes[0].findings.map(\.plain)
        #expect(sync.contains { $0.hasPrefix("sync bytes after faults: better in ") })
        #expect(sync.contains { $0.hasPrefix("No credible difference in ") && $0.contains("lost updates") })
    }

    @Test func comparisonsOfACellWithItselfAreCounted() {
        let again = (0..<220).map { _ in
            TinyReport.comparison(
                "lostShare", effect: 0, 0...0, from: 0, to: 0, pValue: 0.5, cells: (0, 0), factor: nil)
        }
        func sentence(_ falsePositives: Int) -> String {
            ReportSummary(
                TinyReport.input(sameAgain: again, falsePositives: falsePositives, expected: 3...20)
            ).sameAgain.plain
        }
        #expect(
            sentence(12)
                == "12 of 220 comparisons of a cell with itself came out significant at 5%; 3 to 20 are expected with 99% "
                + "probability. The tests hold their level.")
        #expect(sentence(21).contains("more than chance makes"))
        #expect(sentence(2).contains("fewer than chance makes"))
        #expect(ReportSummary(TinyReport.input()).sameAgain.plain.hasPrefix("No cell was compared with itself"))
        #expect(ReportSummary(TinyReport.input(sameAgain: again)).sameAgain.plain.contains("too few pairs"))
    }

    @Test func runsWithDefectsAreNamed() {
        var runs = [TinyReport.run(0), TinyReport.run(1), TinyReport.run(2, cell: 1), TinyReport.run(3, cell: 1)]
        runs[0].failures = ["Node 2 ended."]
        runs[1].failures = ["A delete came back."]
        runs[2].flags = ["saturated"]
        runs[3].flags = ["not-stationary"]
        #expect(
            warnings(TinyReport.input(TinyReport.design(), runs, leftOut: [0])) == [
                "Run 0 (resolver=lww) is left out of all comparisons: Node 2 ended.",
                "Run 1 (resolver=lww) failed: A delete came back.",
                "Saturated, so that their latencies tell of the queue before them: resolver=dvv (1 of 2 runs).",
                "1 run was not stationary, its rate moved while it was measured: 3.",
            ])
    }

    @Test func missingRunsAreCounted() {
        let input = TinyReport.input(TinyReport.design(), [TinyReport.run(0)])
        #expect(warnings(input) == ["Cell resolver=dvv has 0 of 1 runs that count."])
    }

    @Test func tooFewPairsForTheCorrectionAreSaid() {
        func input(pairs: Int, _ count: Int) -> ReportInput {
            let comparison = TinyReport.comparison(
                "lostShare", effect: -1, -1 ... -1, from: 1, to: 0, pValue: 0.01, pairs: pairs)
            return TinyReport.input(
                TinyReport.design(), [TinyReport.run(0), TinyReport.run(1, cell: 1)],
                [Comparison](repeating: comparison, count: count))
        }
        // 2 / 2^10 = 0.00195; times 25 is below 0.05, times 26 above.
        #expect(warnings(input(pairs: 10, 25)).isEmpty)
        let hopeless = warnings(input(pairs: 10, 26))
        #expect(hopeless.count == 1)
        #expect(
            hopeless[0].hasPrefix(
                "26 of 26 comparisons cannot come out credible, however large the difference: with 10 "))
        #expect(hopeless[0].contains("no p-value is below 0.002, which Holm's correction raises to at least 0.051."))
        let few = warnings(input(pairs: 9, 1))
        #expect(few.count == 1 && few[0].contains("(the least 9): their intervals are indicative only"))
    }
}
