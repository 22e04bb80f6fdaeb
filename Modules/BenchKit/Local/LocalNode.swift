internal import NodeClient

/// Whether a node of a local cluster runs.
package enum LocalNodeState: String, Hashable, Sendable {
    case down, running, paused
}

/// The end of a node's process that nobody asked for.
package struct UnexpectedEnd: Hashable, Sendable, CustomStringConvertible {
    package let node: String
    package let end: ProcessEnd
    /// The last lines of the node's log.
    package let log: [String]

    package init(node: String, end: ProcessEnd, log: [String]) {
        self.node = node
        self.end = end
        self.log = log
    }

    package var description: String {
        "node \(node) \(end), which nobody asked for"
            + (log.isEmpty ? "" : "; its log ends with:\n" + log.map { "  \($0)" }.joined(separator: "\n"))
    }
}

/// One node of a local cluster: its files, its ports, and its process while there is one.
struct LocalNode: Sendable {
    static let linesShown = 12

    let name: String
    let zone: String
    let peerPort: Int
    let httpPort: Int
    /// The cluster's folder, from the root.
    let folder: String
    var isMember: Bool
    private(set) var process: ChildProcess?
    private(set) var isPaused = false
    /// Whether it was started and not ended since, other than by itself.
    private(set) var isAskedToRun = false
    /// How often it was started.
    private(set) var starts = 0
    /// What its ended processes used together; their peak is the highest of them.
    private(set) var earlier = ProcessUsage()
    private(set) var unexpectedEnds: [UnexpectedEnd] = []

    init(name: String, zone: String, peerPort: Int, httpPort: Int, folder: String, isMember: Bool) {
        self.name = name
        self.zone = zone
        self.peerPort = peerPort
        self.httpPort = httpPort
        self.folder = folder
        self.isMember = isMember
    }

    var configuration: String { "\(folder)/\(name).json" }
    var dataFolder: String { "\(folder)/data/\(name)" }
    var log: String { "\(folder)/logs/\(name).log" }
    var url: NodeURL { NodeURL(host: "127.0.0.1", port: httpPort) }
    var lastLines: [String] { LocalFiles.lastLines(log, count: Self.linesShown) }

    /// As last looked at.
    var state: LocalNodeState { process == nil ? .down : isPaused ? .paused : .running }

    /// Looks whether its process has ended by itself, and keeps that in mind.
    mutating func look() {
        guard let process, let end = process.end else { return }
        retire(process, end, wasAsked: false, isExpected: false)
    }

    mutating func start(_ program: String) throws(LocalError) {
        look()
        guard process == nil else { throw .isRunning(node: name) }
        for port in [peerPort, httpPort] where !FreePorts.isFree(port) { throw .portTaken(node: name, port: port) }
        process = try ChildProcess([program, "--config", configuration], folder: folder, log: log)
        isPaused = false
        isAskedToRun = true
        starts += 1
    }

    /// - Throws: ``LocalError/notRunning(node:)``, also where it ended by itself a moment ago.
    mutating func running() throws(LocalError) -> ChildProcess {
        look()
        guard let process else { throw .notRunning(node: name) }
        return process
    }

    mutating func pause(_ number: Int32) throws(LocalError) {
        guard try running().signal(number) else { throw .notRunning(node: name) }
        isPaused = true
    }

    mutating func resume(_ number: Int32) throws(LocalError) {
        guard try running().signal(number) else { throw .notRunning(node: name) }
        isPaused = false
    }

    /// Its process has ended. Nothing happens where that is known.
    /// - Parameters:
    ///   - wasAsked: whether the bench wanted it to end.
    ///   - isExpected: whether it ended as it should then.
    mutating func retire(_ process: ChildProcess, _ end: ProcessEnd, wasAsked: Bool, isExpected: Bool) {
        guard self.process === process else { return }
        self.process = nil
        isPaused = false
        let usage = process.usage ?? ProcessUsage()
        earlier.cpuSeconds += usage.cpuSeconds
        earlier.peakResidentBytes = max(earlier.peakResidentBytes, usage.peakResidentBytes)
        if !isExpected { unexpectedEnds.append(UnexpectedEnd(node: name, end: end, log: lastLines)) }
        isAskedToRun = !wasAsked
    }
}
