internal import Analysis
internal import ArgumentParser
internal import Composition

/// `stator-bench compare DIR_A DIR_B`.
struct CompareCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "compare",
            abstract: "Tells which settings of two finished folders differ, and which results differ credibly.",
            discussion: """
                Cells are matched by their names. Simulated runs of equal seeds are compared in pairs, others as two \
                samples; p-values are corrected by Holm's method over everything compared. Ends with 1 where a metric \
                that the matrix tests is credibly worse in DIR_B by more than the threshold, which makes it a gate.

                Examples:
                  stator-bench compare reports/before reports/after
                  stator-bench compare reports/before reports/after --threshold 0.1
                """)
    }

    @Argument(help: ArgumentHelp("The folder that is compared with.", valueName: "DIR_A"))
    var before: String

    @Argument(help: ArgumentHelp("The folder that is compared.", valueName: "DIR_B"))
    var after: String

    @Option(
        help: ArgumentHelp(
            "How much worse is too much: a share where figures are compared by ratio, else in the metric's unit.",
            valueName: "X"))
    var threshold = 0.05

    @Flag(help: "Prints the outcome as one JSON object.")
    var json = false

    func compare() throws(BenchError) -> Int32 {
        guard threshold >= 0, threshold.isFinite else {
            throw .usage("--threshold: found \(threshold), expected 0 or more")
        }
        let (one, other) = (try BundleFolder.read(before), try BundleFolder.read(after))
        let differences = Difference.all(one.manifest.matrix, other.manifest.matrix)
        let comparer = BundleComparer(
            before: (one.manifest.design, one.runs), after: (other.manifest.design, other.runs))
        let report = comparer.report()
        let worse = report.worsened(by: threshold)
        let text =
            json
            ? CompareText.json(differences, report, worse).text(pretty: true)
            : CompareText.text(differences, report, worse, threshold: threshold)
        TextOutput.standard.write(text)
        return worse.isEmpty ? 0 : 1
    }
}
