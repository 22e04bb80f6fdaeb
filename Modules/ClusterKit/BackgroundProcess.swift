internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A supervisor that goes on when the program that started it ends.
package struct BackgroundProcess {
    private static let limit = Duration.seconds(120)
    private let process: ChildProcess
    private let folder: ClusterFolder
    private let log: String
    private let logStart: Int

    package init(_ command: [String], log: String, folder: ClusterFolder) throws(ClusterError) {
        try folder.make()
        logStart = Files.size(log)
        process = try ClusterError.of { () throws(ProcessError) in
            try ChildProcess(command, log: log, outlivesParent: true)
        }
        self.folder = folder
        self.log = log
    }

    /// - Throws: where it ends before it serves, with what it said.
    package func waitUntilServing() async throws(ClusterError) -> SupervisorAddress {
        let deadline = ContinuousClock.now + Self.limit
        while ContinuousClock.now < deadline {
            if let address = try? SupervisorAddress.find(in: folder), address.pid == Int(process.pid) { return address }
            if let ending = process.hasEnded {
                guard case .exited(let status) = ending, status != 0 else { throw .failure("\(ending); \(lastWords)") }
                throw .said(lastWords, status: status)
            }
            guard !Task.isCancelled else {
                process.signal(SIGTERM)
                _ = await process.end(within: .seconds(30))
                throw .interrupted
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        process.signal(SIGTERM)
        throw .failure("the cluster does not serve after \(Self.limit.components.seconds) s; \(lastWords)")
    }

    private var lastWords: String {
        let lines = Files.tail(log, after: logStart).suffix(12)
        // The program's own complaint is said again by this one.
        return lines.map { $0.hasPrefix("statorctl: ") ? String($0.dropFirst("statorctl: ".count)) : String($0) }
            .joined(separator: "\n")
    }
}
