internal import Analysis
internal import ArgumentParser
internal import Composition
internal import StatorCore

/// `stator-bench run MATRIX`.
struct RunCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "run",
            abstract: "Runs a matrix of strategies, workloads and faults, and reports what differs.",
            discussion: """
                Every combination of the matrix' factors is run several times; the results, statistics, plots and a \
                report that opens offline go into a folder. Ctrl-C keeps the runs that have ended; --resume goes on. \
                With --shard the runs are spread over machines, and `stator-bench merge` puts their folders together.

                Examples:
                  stator-bench run configs/matrix/quick.json
                  stator-bench run configs/matrix/quick.json --output /tmp/quick --set repetitions=20
                  stator-bench run configs/matrix/everything.json --shard 3/16 --output part-3
                  stator-bench run configs/matrix/everything.json --check
                """)
    }

    @Argument(help: ArgumentHelp("The matrix' JSON file.", valueName: "MATRIX"))
    var path: String

    @Option(help: ArgumentHelp("The results' folder; reports/NAME by default.", valueName: "DIR"))
    var output: String?

    @Flag(help: "Goes on with the runs that the folder lacks.")
    var resume = false

    @Option(help: ArgumentHelp("Only the repetitions of part i of n, from 1/n on.", valueName: "i/n"))
    var shard: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrides one setting of the matrix; may be repeated.", valueName: "PATH=VALUE"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("Simulated runs at once; all processors by default.", valueName: "N"))
    var jobs: Int?

    @Option(help: ArgumentHelp("The node program of local runs; beside this one by default.", valueName: "FILE"))
    var nodeProgram: String?

    @Flag(inversion: .prefixedNo, help: "Draws the plots.")
    var plots = true

    @Flag(help: "Checks the matrix, lists its cells and what is pruned, and runs nothing.")
    var check = false

    func run(_ registry: StrategyRegistry) async throws -> Int32 {
        let plan = try MatrixPlan.read(path, overrides, registry)
        let (part, parts) = try shardNumbers()
        let runs = plan.runs(ofPart: part, of: parts)
        if check {
            TextOutput.standard.write(MatrixText.cells(plan, runs: runs.count))
            return 0
        }
        let folder = try open(plan, part: part, parts: parts)
        let executor = try executor(plan, folder.path)
        let isComplete = try await carryOut(runs, of: plan, executor, into: folder)
        guard isComplete else {
            TextOutput.error.write(
                "stator-bench: \(folder.runs.count) of \(runs.count) runs are in \(folder.path); to go on:\n  "
                    + continuation(folder.path) + "\n")
            return 130
        }
        try folder.sort()
        guard parts == 1 else {
            TextOutput.standard.write(
                "part \(part) of \(parts): \(runs.count) runs in \(folder.path); with all parts there: "
                    + "stator-bench merge DIR... --output DIR\n")
            return 0
        }
        return try ReportCommand.conclude(folder.path, folder.manifest, folder.runs, plots: plots)
    }

    /// The command that goes on with what this one began.
    private func continuation(_ folder: String) -> String {
        var words = ["stator-bench", "run", path]
        for text in overrides { words += ["--set", text] }
        if let shard { words += ["--shard", shard] }
        words += ["--output", folder, "--resume"]
        return words.map(ResultText.quotedForShell).joined(separator: " ")
    }

    private func shardNumbers() throws(BenchError) -> (part: Int, parts: Int) {
        guard let shard else { return (1, 1) }
        let numbers = shard.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let part = numbers[0], let parts = numbers[1], (1...100_000).contains(parts),
            (1...parts).contains(part)
        else { throw .usage("--shard: found \"\(shard)\", expected i/n with 1 <= i <= n") }
        return (part, parts)
    }

    private func open(_ plan: MatrixPlan, part: Int, parts: Int) throws(BenchError) -> BundleFolder {
        let path = output ?? "reports/\(plan.design.name)" + (parts > 1 ? "-\(part)-of-\(parts)" : "")
        let text = plan.matrix.canonicalText
        let manifest = Manifest(
            design: plan.design, matrix: plan.matrix.document, matrixHash: Provenance.sha256(Array(text.utf8)),
            programHash: Provenance.programHash(), part: part, parts: parts,
            provenance: Provenance.facts(folder: TextFile.exists(path) ? path : "."))
        return resume ? try BundleFolder.resume(path, manifest) : try BundleFolder.create(path, manifest)
    }

    private func executor(_ plan: MatrixPlan, _ folder: String) throws(BenchError) -> any RunExecutor {
        if let jobs, !(1...1024).contains(jobs) { throw .usage("--jobs: found \(jobs), expected 1 to 1024") }
        switch plan.matrix.settings.environment {
        case .simulated: return SimulatedExecutor(concurrency: jobs ?? processorCount())
        case .local: return try LocalExecutor(program: nodeProgram, folder: "\(folder)/nodes")
        case .remote: return RemoteExecutor(nodes: plan.matrix.nodes)
        }
    }

    /// - Returns: whether all runs have ended.
    private func carryOut(
        _ runs: [MatrixPlan.Run], of plan: MatrixPlan, _ executor: any RunExecutor, into folder: BundleFolder
    ) async throws(BenchError) -> Bool {
        let runner = MatrixRunner(plan: plan, runs: runs, executor: executor, folder: folder)
        let interrupts = await Interrupts()
        let failure = await interrupts.stage { () async -> BenchError? in
            let total = Double(max(1, runs.count))
            var bar = ProgressBar(shareBefore: Double(folder.runs.count) / total)
            defer { bar.clear() }
            do throws(BenchError) {
                try await runner.run { done, failed in
                    bar.show(
                        Double(done) / total, "\(done)/\(runs.count)" + (failed > 0 ? ", \(failed) failed" : ""))
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        return folder.runs.count == runs.count
    }
}

extension MatrixPlan {
    static func read(
        _ path: String, _ overrides: [String], _ registry: StrategyRegistry
    ) throws(BenchError) -> MatrixPlan {
        let bytes = try TextFile.read(path, maximum: 8 << 20)
        do throws(ConfigurationError) {
            var plan = try MatrixPlan(try MatrixFile.load(json: bytes, overrides: overrides), registry: registry)
            try plan.readTraces()
            return plan
        } catch {
            throw .configuration("\(path): \(error)")
        }
    }
}
