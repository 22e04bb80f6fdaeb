internal import Analysis
internal import ArgumentParser

/// `stator-bench report DIR`.
struct ReportCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "report",
            abstract: "Writes a finished folder's statistics, tables, plots and report anew.",
            discussion: """
                Example:
                  stator-bench report reports/quick
                """)
    }

    @Argument(help: ArgumentHelp("The results' folder.", valueName: "DIR"))
    var folder: String

    @Flag(inversion: .prefixedNo, help: "Draws the plots.")
    var plots = true

    func report() throws(BenchError) -> Int32 {
        let (manifest, runs) = try BundleFolder.read(folder)
        return try ReportCommand.conclude(folder, manifest, runs, plots: plots)
    }

    /// - Returns: the status to end with: 1 where a run broke off or a promise was broken.
    static func conclude(
        _ folder: String, _ manifest: Manifest, _ runs: [RunRecord], plots: Bool
    ) throws(BenchError) -> Int32 {
        let conclusion = Conclusion(
            folder: folder, manifest: manifest, runs: runs, reproduction: reproduction(manifest))
        let (report, problem) = try conclusion.write(plots: plots)
        TextOutput.standard.write(OutcomeText.text(manifest, runs, report, folder: folder))
        if let problem { TextOutput.error.write("stator-bench: \(problem)\n") }
        let broken = runs.filter { !$0.failures.isEmpty }
        return broken.isEmpty ? 0 : 1
    }

    private static func reproduction(_ manifest: Manifest) -> String {
        let commit = manifest.provenance.first { $0.name == "commit" }?.value ?? "unknown"
        return """
            git checkout \(commit) && scripts/build stator-bench stator-node
            .build/release/stator-bench run matrix.json --output again
            .build/release/stator-bench compare THIS-FOLDER again
            """
    }
}
