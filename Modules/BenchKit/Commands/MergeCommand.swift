internal import Analysis
internal import ArgumentParser

/// `stator-bench merge DIR...`.
struct MergeCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "merge",
            abstract: "Puts the parts of a matrix together and reports on the whole.",
            discussion: """
                Example, with parts made by `run --shard 1/4` to `4/4`:
                  stator-bench merge part-1 part-2 part-3 part-4 --output whole
                """)
    }

    @Argument(help: ArgumentHelp("The parts' folders.", valueName: "DIR"))
    var folders: [String]

    @Option(help: ArgumentHelp("The whole's folder.", valueName: "DIR"))
    var output: String

    @Flag(inversion: .prefixedNo, help: "Draws the plots.")
    var plots = true

    func merge() throws(BenchError) -> Int32 {
        var parts: [(manifest: Manifest, runs: [RunRecord])] = []
        for folder in folders { parts.append(try BundleFolder.read(folder)) }
        guard let first = parts.first?.manifest else { throw .usage("name at least one folder") }
        for (folder, part) in zip(folders, parts) {
            guard part.manifest.matrixHash == first.matrixHash else {
                throw .configuration("\(folder) is of another matrix than \(folders[0])")
            }
            guard part.manifest.programHash == first.programHash else {
                throw .configuration("\(folder) was made by another build of this program than \(folders[0])")
            }
        }
        let design = first.design
        let wanted = (design.cells.count + 2 * design.sameAgainCells) * design.repetitions
        let runs = parts.flatMap(\.runs)
        let found = Set(runs.map(\.number)).count
        guard found == wanted else {
            throw .failure("the parts have \(found) of \(wanted) runs: a part is missing or has not ended")
        }
        var manifest = first
        manifest.part = 1
        manifest.parts = 1
        for (position, part) in parts.enumerated().dropFirst() {
            let machine = part.manifest.provenance.filter { fact in !first.provenance.contains { $0 == fact } }
            manifest.provenance += machine.map { ("\($0.name) of part \(position + 1)", $0.value) }
        }
        let folder = try BundleFolder.create(output, manifest)
        try folder.adopt(runs)
        try folder.sort()
        return try ReportCommand.conclude(output, manifest, folder.runs, plots: plots)
    }
}
