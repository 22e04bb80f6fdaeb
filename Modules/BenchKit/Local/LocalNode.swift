internal import Composition
internal import NodeClient
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One node process of a local cluster.
final class LocalNode {
    let name: String
    let url: NodeURL
    private let program: String
    private let configuration: String
    private let dataFolder: String
    private let log: String
    private var process: ChildProcess?
    /// Whether the process was told to end, or never begun.
    private var isMeantToBeDown = true
    /// How earlier processes of it ended that were not told to.
    private var earlierDeaths: [String] = []
    /// What its earlier processes had used.
    private var earlierProcessorSeconds = 0.0

    init(name: String, port: Int, program: String, folder: String) {
        self.name = name
        url = NodeURL(host: "127.0.0.1", port: port)
        self.program = program
        configuration = "\(folder)/\(name).json"
        dataFolder = "\(folder)/data/\(name)"
        log = "\(folder)/\(name).log"
    }

    func start() throws(BenchError) {
        if let death = currentDeath { earlierDeaths.append(death) }
        earlierProcessorSeconds += process?.figures?.processorSeconds ?? 0
        process = nil
        process = try BenchError.of { () throws(ProcessError) in
            try ChildProcess([program, "--config", configuration], log: log)
        }
        isMeantToBeDown = false
    }

    /// Ends it by a signal and waits for that, 15 seconds at most, after which it is killed.
    func end(_ signal: Int32) async {
        if let death = currentDeath { earlierDeaths.append(death) }
        isMeantToBeDown = true
        guard let process else { return }
        process.signal(SIGCONT)
        process.signal(signal)
        if await process.end(within: .seconds(15)) == nil {
            process.signal(SIGKILL)
            _ = await process.end(within: .seconds(15))
        }
    }

    func pause() { process?.signal(SIGSTOP) }
    func resume() { process?.signal(SIGCONT) }

    /// Deletes what it stored; it has been ended before.
    func wipe() { _ = try? CommandOutput.run(["rm", "-rf", dataFolder], within: .seconds(60)) }

    /// Of all its processes, those that have ended too; no memory where none runs.
    var figures: ProcessFigures? {
        guard var figures = process?.figures else { return nil }
        figures.processorSeconds += earlierProcessorSeconds
        return figures
    }

    /// Says how it ended though nobody told it to, with the end of its log; `nil` where it did not.
    var unexpectedEnd: String? { earlierDeaths.first ?? currentDeath }

    private var currentDeath: String? {
        guard !isMeantToBeDown, let ending = process?.hasEnded else { return nil }
        return "node \(name) died: \(ending); \(lastWords)"
    }

    var lastWords: String {
        guard let bytes = try? TextFile.read(log, maximum: 64 << 20) else { return "it wrote no log" }
        let last = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(2)
        return last.isEmpty ? "its log is empty" : "the end of its log: \(last.joined(separator: " | "))"
    }
}
