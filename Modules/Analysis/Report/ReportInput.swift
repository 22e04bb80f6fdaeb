/// All that a report of a matrix is made from.
package struct ReportInput: Sendable {
    package var design: Design
    /// Of all arms, in the order of their numbers.
    package var runs: [RunRecord]
    package var comparisons: ComparisonReport
    /// The matrix as its canonical JSON, for people to read.
    package var configuration: String
    /// What the figures came from, as names and values: commit, Swift, processor, kernel, ...
    package var provenance: [(name: String, value: String)]
    /// The command line that makes the same matrix again.
    package var reproduction: String

    package init(
        design: Design, runs: [RunRecord], comparisons: ComparisonReport, configuration: String,
        provenance: [(name: String, value: String)], reproduction: String
    ) {
        self.design = design
        self.runs = runs
        self.comparisons = comparisons
        self.configuration = configuration
        self.provenance = provenance
        self.reproduction = reproduction
    }
}
