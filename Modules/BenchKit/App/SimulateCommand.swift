internal import ArgumentParser
internal import Checking
internal import Composition
internal import SimulationKit
internal import StatorCore

/// `stator-bench simulate FILE`.
struct SimulateCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "simulate",
            abstract: "Runs a simulation with one seed or many, and checks what it did.",
            discussion: """
                Examples:
                  stator-bench simulate configs/simulation/store.json --seed 7
                  stator-bench simulate configs/simulation/store.json --seeds 1..500
                  stator-bench simulate configs/simulation/store.json --seed 7 --trace key:k3
                  stator-bench simulate configs/simulation/store.json --seeds 1..100 \\
                      --set strategies.conflictResolver.kind=lww-wall --json

                The same binary, file and seed give the same run and the same hash.
                """)
    }

    @Argument(help: ArgumentHelp("The simulation's JSON file.", valueName: "FILE"))
    var path: String

    @Option(help: ArgumentHelp("One seed.", valueName: "S"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Many seeds, both ends included.", valueName: "A..B"))
    var seeds: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrides one setting; may be repeated.", valueName: "PATH=VALUE"))
    var overrides: [String] = []

    @Option(help: ArgumentHelp("Only these faults of the plan happen: numbers, or `none`.", valueName: "N,N,..."))
    var faults: String?

    @Option(help: ArgumentHelp("Tells the story of one key, one node, or all.", valueName: "key:K|node:N|all"))
    var trace: String?

    @Option(help: ArgumentHelp("Writes the history as JSON Lines.", valueName: "FILE"))
    var history: String?

    @Option(help: ArgumentHelp("Runs at once; all processors by default.", valueName: "N"))
    var jobs: Int?

    @Flag(help: "Prints the outcome as one JSON object.")
    var json = false

    @Flag(help: "Lists the faults of the seed's plan and runs nothing.")
    var plan = false

    @Flag(help: "Does not make a failing run smaller.")
    var noMinimize = false

    @Flag(help: "Runs without the checkers.")
    var noChecks = false

    @Flag(help: "Prints how often each named branch of the machines was reached.")
    var probes = false

    @Flag(help: "Fails where a branch that had to be reached was not.")
    var requireProbes = false

    @Option(help: ArgumentHelp("Passes over runs that fail as this list of known failures says.", valueName: "FILE"))
    var expected: String?

    @Flag(help: "Checks the file and runs nothing.")
    var check = false

    func run(_ registry: StrategyRegistry) async throws -> Int32 {
        let file = try load(registry)
        let seeds = try seedRange()
        let options = try runOptions()
        let jobs = try jobCount()
        try checkFaults(options.keptFaults, in: file, seeds: seeds)
        if check {
            TextOutput.standard.write("\(path): fine\n")
            return 0
        }
        if plan {
            TextOutput.standard.write(PlanText.lines(FaultPlan(file, seed: seeds.lowerBound), file))
            return 0
        }
        var job = SimulateJob(
            path: path, overrides: overrides, file: file, options: options, showsProbes: probes,
            requiresProbes: requireProbes)
        job.expected = try expected.map(ExpectedCommand.read)
        if seeds.count == 1 {
            return try await job.runOne(
                seeds.lowerBound, trace: try storyFilter(), history: history, json: json,
                minimizes: !noMinimize && trace == nil && !noChecks)
        }
        if trace != nil || history != nil {
            throw BenchError.usage("--trace and --history take one seed, found \(seeds.count)")
        }
        return await job.runMany(seeds, jobs: jobs, json: json, minimizes: !noMinimize)
    }

    private func load(_ registry: StrategyRegistry) throws -> SimulationFile {
        let bytes = try TextFile.read(path, maximum: 8 << 20)
        do throws(ConfigurationError) {
            return try SimulationFile.load(json: bytes, overrides: overrides, registry: registry)
        } catch {
            throw BenchError.configuration("\(path): \(error)")
        }
    }

    private func seedRange() throws -> ClosedRange<UInt64> {
        guard let seeds else { return (seed ?? 1)...(seed ?? 1) }
        if seed != nil { throw BenchError.usage("--seed and --seeds exclude one another") }
        let dots = seeds.contains("...") ? "..." : ".."
        let parts = seeds.split(separator: dots, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last else {
            throw BenchError.usage("--seeds: found \"\(seeds)\", expected A..B with A at most B")
        }
        guard last - first < SimulateCommand.maximumSeeds else {
            let most = SimulateCommand.maximumSeeds
            throw BenchError.usage("--seeds: found \"\(seeds)\", at most \(most) seeds are run at once")
        }
        return first...last
    }

    private static let maximumSeeds: UInt64 = 100_000_000

    private func jobCount() throws -> Int {
        guard let jobs else { return processorCount() }
        guard (1...1024).contains(jobs) else { throw BenchError.usage("--jobs: found \(jobs), expected 1 to 1024") }
        return jobs
    }

    /// Numbers of faults are those of one seed's plan.
    private func checkFaults(_ kept: Set<Int>?, in file: SimulationFile, seeds: ClosedRange<UInt64>) throws {
        guard let highest = kept?.max() else { return }
        guard seeds.count == 1 else { throw BenchError.usage("--faults takes one seed, found \(seeds.count)") }
        let count = FaultPlan(file, seed: seeds.lowerBound).faults.count
        guard highest < count else {
            throw BenchError.usage(
                "--faults: found \(highest), but the plan of seed \(seeds.lowerBound) has \(count) faults; see --plan")
        }
    }

    private func runOptions() throws -> RunOptions {
        var options = RunOptions()
        options.checks = !noChecks
        options.keepsHistory = history != nil
        guard let faults else { return options }
        if faults == "none" {
            options.keptFaults = []
            return options
        }
        var kept: Set<Int> = []
        for part in faults.split(separator: ",") {
            guard let number = Int(part), number >= 0 else {
                throw BenchError.usage("--faults: found \"\(part)\", expected numbers of the plan, or none")
            }
            kept.insert(number)
        }
        options.keptFaults = kept
        return options
    }

    private func storyFilter() throws -> StoryFilter? {
        guard let trace else { return nil }
        guard let filter = StoryFilter(trace) else {
            throw BenchError.usage("--trace: found \"\(trace)\", expected key:NAME, node:NAME or all")
        }
        return filter
    }
}
