internal import Analysis
internal import ArgumentParser
internal import Composition
internal import NodeClient
internal import StatorCore
internal import Synchronization
internal import Workload

/// `stator-bench load`.
struct LoadCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "load",
            abstract: "Puts a load on running nodes and prints how they took it.",
            discussion: """
                Examples:
                  stator-bench load --type mixed --operations 1000 --workers 8 --read-pct 80
                  stator-bench load --node http://127.0.0.1:5000 --rate 500 --seconds 30 --plot --output bench_report
                  stator-bench load --type ycsb-a --keys 10000 --seconds 20

                Without --rate each worker sends one request after the other (a closed loop); with it requests are due at
                times of their own, and latency counts from then on (an open loop).
                """)
    }

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case read, write, mixed
        case ycsbA = "ycsb-a"
        case ycsbB = "ycsb-b"
        case ycsbC = "ycsb-c"
        case ycsbD = "ycsb-d"
        case ycsbE = "ycsb-e"
        case ycsbF = "ycsb-f"
        case conflict
        case deleteHeavy = "delete-heavy"
    }

    @Option(
        name: .customLong("node"), parsing: .singleValue,
        help: ArgumentHelp(
            "A node's URL; repeat it or separate by commas. Those of scripts/cluster by default.", valueName: "URL"))
    var nodes: [String] = []

    @Option(
        help: ArgumentHelp("What is done: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "TYPE")
    )
    var type = Kind.mixed

    @Option(help: ArgumentHelp("How nodes are spoken to: http, or resp as Redis does.", valueName: "NAME"))
    var `protocol` = "http"

    @Option(help: ArgumentHelp("Steps after which it ends; until the time is over by default.", valueName: "N"))
    var operations: Int?

    @Option(help: ArgumentHelp("How long it lasts at most.", valueName: "S"))
    var seconds: Double = 30

    @Option(help: ArgumentHelp("Requests under way at once.", valueName: "N"))
    var workers = 8

    @Option(help: ArgumentHelp("Reads in a hundred steps of `mixed`.", valueName: "P"))
    var readPct = 50.0

    @Option(help: ArgumentHelp("Requests due a second; as fast as they are answered by default.", valueName: "N"))
    var rate: Double?

    @Option(help: ArgumentHelp("Distinct keys.", valueName: "N"))
    var keys = 1000

    @Option(help: ArgumentHelp("The size of a value.", valueName: "BYTES"))
    var valueBytes = 100

    @Option(help: ArgumentHelp("Of what clients draw.", valueName: "S"))
    var seed: UInt64 = 1

    @Flag(help: "Writes a report with plots into the folder of --output.")
    var plot = false

    @Option(help: ArgumentHelp("Where the report goes.", valueName: "DIR"))
    var output = "bench_report"

    func load() async throws(BenchError) -> Int32 {
        let settings = try settings()
        if plot, TextFile.exists("\(output)/report.html") {
            throw .usage("\(output) holds a report already: choose another --output")
        }
        let interrupts = await Interrupts()
        let tally = await interrupts.stage {
            let shared = SharedBar()
            let tally = await LoadRun(settings).run(progress: { share in
                shared.bar.withLock { $0.show(share, "\(Int(share * 100)) %") }
            })
            shared.bar.withLock { $0.clear() }
            return tally
        }
        guard tally.succeeded + tally.failed + tally.unknown > 0 else {
            throw .failure(
                "nothing was sent; is a node of \(settings.nodes.map(\.description).joined(separator: ", ")) up?")
        }
        TextOutput.standard.write(LoadText.table(tally, settings))
        if plot { try report(tally, settings) }
        return tally.succeeded > 0 ? 0 : 1
    }

    private func settings() throws(BenchError) -> LoadSettings {
        var problems: [String] = []
        let texts =
            nodes.isEmpty
            ? (0..<4).map { "http://127.0.0.1:500\($0)" } : nodes.flatMap { $0.split(separator: ",").map(String.init) }
        let urls = texts.compactMap { text -> NodeURL? in
            if let url = NodeURL(text) { return url }
            problems.append("--node: found \"\(text)\", expected http://host:port")
            return nil
        }
        func check(_ name: String, _ isFine: Bool, _ found: Any, _ expected: String) {
            if !isFine { problems.append("--\(name): found \(found), expected \(expected)") }
        }
        check("operations", operations.map { $0 > 0 } ?? true, operations ?? 0, "1 or more")
        check("protocol", ["http", "resp"].contains(`protocol`), `protocol`, "http or resp")
        check("seconds", seconds > 0 && seconds <= 86_400, seconds, "more than 0, at most 86400")
        check("workers", (1...10_000).contains(workers), workers, "1 to 10000")
        check("read-pct", (0...100).contains(readPct), readPct, "0 to 100")
        check("rate", rate.map { $0 > 0 && $0 <= 1_000_000 } ?? true, rate ?? 0, "more than 0, at most 1000000")
        check("keys", (1...10_000_000).contains(keys), keys, "1 to 10000000")
        check(
            "value-bytes", (16...WorkloadSettings.maximumValueBytes).contains(valueBytes), valueBytes, "16 to 1048576")
        guard problems.isEmpty else { throw .usage(problems.joined(separator: "\n")) }
        var settings = LoadSettings(
            nodes: urls, workload: workload, keyPrefix: "load-\(String(UInt32.random(in: .min ... .max), radix: 36))-",
            span: .nanoseconds(Int64(seconds * 1e9)))
        settings.operationLimit = operations
        settings.seed = seed
        settings.interface = `protocol` == "resp" ? .resp : .http
        settings.loadsKeys = type != .write
        return settings
    }

    private var workload: WorkloadSettings {
        var workload = WorkloadSettings()
        workload.clients = workers
        workload.loop = rate == nil ? .closed : .open
        workload.operationsPerSecond = rate ?? 0
        workload.keys = keys
        workload.value = ByteCount(valueBytes)
        workload.updates = 0
        workload.siblingWrites = 0
        workload.deletes = 0
        switch type {
        case .read: (workload.reads, workload.heldWrites) = (100, 0)
        case .write: (workload.reads, workload.heldWrites) = (0, 100)
        case .mixed: (workload.reads, workload.heldWrites) = (readPct, 100 - readPct)
        default:
            workload.preset = WorkloadSettings.Preset(rawValue: type.rawValue) ?? .none
            return workload.applyingPreset(given: ["keys"]).settings
        }
        return workload
    }

    /// The same report as a matrix' of one run.
    private func report(_ tally: LoadTally, _ settings: LoadSettings) throws(BenchError) {
        try TextFile.makeFolders(output)
        var design = Design(
            name: "load", question: "How do \(settings.nodes.count) nodes take this load?", environment: "remote",
            factors: [], cells: [Design.Cell(levels: [])], repetitions: 1, sameAgainCells: 0, primaryMetrics: [],
            metrics: MetricCatalogue.all, seed: seed)
        design.pruned = []
        var record = RunRecord(number: 0, cell: 0, arm: .main, repetition: 0, seed: seed)
        record.noteSpeed(tally.speed)
        record.judgeStationarity(tally.speed.slices)
        if tally.isSaturated { record.flags.append(RunFlag.saturated) }
        let manifest = Manifest(
            design: design, matrix: .object([JSONMember("workload", .object(settings.workload.jsonMembers))]),
            matrixHash: "", programHash: Provenance.programHash(), part: 1, parts: 1,
            provenance: Provenance.facts(folder: output))
        let conclusion = Conclusion(
            folder: output, manifest: manifest, runs: [record],
            reproduction: "stator-bench " + CommandLine.arguments.dropFirst().joined(separator: " "))
        let (_, problem) = try conclusion.write(plots: true)
        TextOutput.standard.write("report: \(output)/report.html\n")
        if let problem { TextOutput.error.write("stator-bench: \(problem)\n") }
    }
}

/// A progress bar that the load's thread shows.
private final class SharedBar: Sendable {
    let bar = Mutex(ProgressBar())
}
