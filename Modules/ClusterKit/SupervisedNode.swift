internal import NodeClient
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One node of a supervisor, and its process while there is one. Its owner is the supervisor's actor.
final class SupervisedNode {
    enum State: String {
        case running, paused
        /// Ended because it was told to.
        case stopped
        /// Ended by itself, or by somebody else.
        case ended
    }

    let plan: NodePlan
    private let folder: ClusterFolder
    private let arguments: [String]
    private var process: ChildProcess?
    private var isWanted = false
    private var isPaused = false
    /// What it last said of itself; `nil` while it says nothing.
    var sample: JSONValue?
    /// Why there is none.
    var silence: String?
    /// The faults of its links, to be set again when it is started again.
    var faults = LinkFault()
    /// When it is started again after it ended by itself, and after how long the next time.
    var restartsAt: ContinuousClock.Instant?
    var restartPause = Duration.seconds(1)
    var hasToldOfEnd = false
    /// Something is being done to it that takes a while.
    var isBusy = false

    init(_ plan: NodePlan, folder: ClusterFolder, program: String, allowsFaults: Bool) {
        self.plan = plan
        self.folder = folder
        var arguments = [program, "--config", plan.configuration] + plan.overrides.flatMap { ["--set", $0] }
        // Its log is its standard error: what it says before a log of its own would be open is not lost.
        arguments += ["--set", "node.logFile=\"\""]
        if allowsFaults { arguments.append("--allow-faults") }
        self.arguments = arguments
    }

    var name: String { plan.name }
    var pid: pid_t? { process.flatMap { $0.hasEnded == nil ? $0.pid : nil } }
    var ending: String? { process?.hasEnded.map { "\($0)" } }

    var state: State {
        if pid != nil { return isPaused ? .paused : .running }
        return isWanted ? .ended : .stopped
    }

    /// - Throws: where it runs, a port of it is taken, or the program cannot be started.
    func start() throws(ClusterError) {
        guard pid == nil else { throw .failure("node \(name) runs already") }
        for address in plan.addresses where !FreePorts.isFree(address.url.port) {
            throw .failure(
                "127.0.0.1:\(address.url.port), the \(address.kind) address of node \(name), is in use by another "
                    + "process: end it ('ss -ltnp' shows it), or change the address in \(plan.configuration)")
        }
        process = try ClusterError.of { () throws(ProcessError) in
            try ChildProcess(arguments, log: folder.log(name))
        }
        (isWanted, isPaused, hasToldOfEnd, restartsAt) = (true, false, false, nil)
        sample = nil
        if let pid { try Files.write("\(pid)\n", to: folder.pidFile(name)) }
    }

    static let stopLimit = Duration.seconds(15)

    /// Ends it by a signal and waits for that; it is killed where it does not end in time.
    /// - Returns: whether it ended by the signal alone.
    @discardableResult
    func end(
        _ signal: Int32, until deadline: ContinuousClock.Instant = .now + stopLimit,
        isolation: isolated (any Actor)? = #isolation
    ) async -> Bool {
        isWanted = false
        restartsAt = nil
        defer { forget() }
        guard let process, process.hasEnded == nil else { return true }
        process.signal(SIGCONT)
        process.signal(signal)
        if await process.end(within: max(.zero, deadline - .now)) != nil { return true }
        process.signal(SIGKILL)
        _ = await process.end(within: .seconds(5))
        return false
    }

    /// It is not started again.
    func stayDown() {
        isWanted = false
        restartsAt = nil
    }

    /// Only tells it, so that several end side by side; ``end(_:isolation:)`` waits.
    func signalToEnd() {
        isWanted = false
        process?.signal(SIGCONT)
        process?.signal(SIGTERM)
    }

    private func forget() {
        isPaused = false
        sample = nil
        Files.remove(folder.pidFile(name))
    }

    func pause() {
        process?.signal(SIGSTOP)
        isPaused = pid != nil
    }

    func resume() {
        process?.signal(SIGCONT)
        isPaused = false
    }

    /// A configuration could name any folder: only one that is a node's own is deleted.
    func checkWipe() throws(ClusterError) {
        guard Files.exists(plan.dataFolder) else { return }
        guard Files.exists("\(plan.dataFolder)/identity"), !Files.isLink(plan.dataFolder) else {
            throw .failure("\(plan.dataFolder) is not a data folder of a node, or a link: it is left alone")
        }
    }

    /// Deletes what it stored; it does not run.
    func wipe() throws(ClusterError) {
        guard pid == nil else { throw .failure("node \(name) runs") }
        try checkWipe()
        let done = try ClusterError.of { () throws(ProcessError) in
            try CommandOutput.run(["rm", "-rf", "--", plan.dataFolder], within: .seconds(120))
        }
        guard done.status == 0 else { throw .failure("\(plan.dataFolder) cannot be deleted: \(done.errors)") }
    }

    /// The last lines of its log.
    var lastWords: String {
        let lines = Files.tail(folder.log(name)).suffix(3)
        return lines.isEmpty ? "its log is empty" : "the end of its log:\n  " + lines.joined(separator: "\n  ")
    }
}

/// What is wrong with a node's links, on purpose.
struct LinkFault: Equatable {
    var cut: [String] = []
    var delayMilliseconds = 0

    var target: String { "/admin/faults?cut=\(cut.joined(separator: ","))&delay_ms=\(delayMilliseconds)" }
    var isNone: Bool { cut.isEmpty && delayMilliseconds == 0 }

    init() {}

    /// As a node says it.
    init(_ page: JSONValue) {
        cut = page["cut"].elements.compactMap(\.text)
        delayMilliseconds = page["delay_ms"].integer ?? 0
    }

    func isSame(as other: LinkFault) -> Bool {
        cut.sorted() == other.cut.sorted() && delayMilliseconds == other.delayMilliseconds
    }
}
