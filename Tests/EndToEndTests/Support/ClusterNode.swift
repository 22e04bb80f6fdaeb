import Foundation

/// One node of a test's cluster: its files, its process while it runs, and a client.
final class ClusterNode {
    let file: NodeFile
    let configPath: String
    let logPath: String
    let client: HTTPClient
    /// What the program is started through, such as `setpriv`.
    var launcher: [String] = []
    private let folder: String
    private(set) var process: ChildProcess?

    init(_ file: NodeFile, folder: String) throws {
        self.file = file
        self.folder = folder
        configPath = "\(folder)/\(file.name).json"
        logPath = "\(folder)/\(file.name).log"
        client = HTTPClient(port: file.httpPort)
        try Data(file.bytes()).write(to: URL(fileURLWithPath: configPath))
    }

    var name: String { file.name }
    var dataFolder: String { file.dataFolder }
    var isRunning: Bool { process?.isRunning ?? false }

    func start() throws {
        guard !isRunning else { throw HarnessError("node \(name) runs already") }
        let command = launcher + [try Binaries.node(), "--config", configPath]
        process = try ChildProcess("node \(name)", command, log: logPath, folder: folder)
    }

    /// SIGKILL; returns once the process is gone.
    func kill() throws {
        process?.signal(SIGKILL)
        _ = try process?.waitForEnd(within: 60)
    }

    /// SIGTERM; returns the exit status.
    @discardableResult
    func terminate() throws -> Int32 {
        guard let process else { throw HarnessError("node \(name) was never started") }
        process.signal(SIGTERM)
        return try process.waitForEnd(within: 60)
    }

    func end() { process?.end() }

    var isReady: Bool { (try? client.send("GET", "/ready").status) == 200 }

    func waitUntilReady(within limit: Double = 60) throws {
        try eventually("node \(name) to be ready", within: limit) {
            guard isRunning else { throw HarnessError("its process has ended") }
            let answer = try client.send("GET", "/ready")
            guard answer.status == 200 else { throw HarnessError("\(answer)") }
            return true
        }
    }

    func stats() throws -> JSON { try client.page("/stats") }

    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "(no log)" }

    /// The last lines of its log.
    var logTail: String {
        log.split(separator: "\n").suffix(25).joined(separator: "\n")
    }
}
