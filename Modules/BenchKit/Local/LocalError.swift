/// Why something of a local cluster, or a program that the bench uses, did not work.
package enum LocalError: Error, Hashable, Sendable, CustomStringConvertible {
    case programNotFound(String)
    case notStarted(program: String, reason: String)
    /// What would end the started processes with this one does not work.
    case noGuard(String)
    case tooLong(command: String, limit: Duration)
    case tooMuchOutput(command: String, maximum: Int)
    case notReadable(path: String, reason: String)
    case notWritable(path: String, reason: String)
    /// A cluster's folder has to be new: it is removed in the end.
    case folderNotEmpty(String)
    case noFreePorts(wanted: Int)
    case portTaken(node: String, port: Int)
    case unknownNode(String, known: [String])
    case isRunning(node: String)
    case notRunning(node: String)
    case notReady(node: String, limit: Duration, why: String, log: [String])
    case endedBeforeReady(node: String, end: ProcessEnd, log: [String])
    case notEnded(node: String, limit: Duration)
    /// It does not do what its admin interface was asked for.
    case refused(node: String, action: String, why: String)
    case noAnswer(node: String, why: String)
    /// The task that waited was cancelled.
    case cancelled(waitingFor: String)

    package var description: String {
        switch self {
        case .programNotFound(let name):
            "there is no program \(name): build it (`swift build -c release`), install it, or name where it is"
        case .notStarted(let program, let reason): "\(program) cannot be started: \(reason)"
        case .noGuard(let why): "no processes are started, since nothing would end them with the bench: \(why)"
        case .tooLong(let command, let limit): "`\(command)` has not ended within \(Self.text(limit)), it was killed"
        case .tooMuchOutput(let command, let maximum):
            "`\(command)` wrote more than \(maximum) bytes, the most that are read; it was killed"
        case .notReadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .notWritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .folderNotEmpty(let path):
            "\(path) is not empty: a cluster needs a new folder, since it is removed in the end"
        case .noFreePorts(let wanted):
            "there are no \(wanted) free ports between \(FreePorts.range.lowerBound) and \(FreePorts.range.upperBound - 1)"
        case .portTaken(let node, let port): "port \(port), meant for node \(node), is taken by another program"
        case .unknownNode(let name, let known):
            "there is no node \(name): the cluster has \(known.joined(separator: ", "))"
        case .isRunning(let node): "node \(node) runs already"
        case .notRunning(let node): "node \(node) does not run"
        case .notReady(let node, let limit, let why, let log):
            "node \(node) was not ready within \(Self.text(limit)): \(why)" + Self.text(log)
        case .endedBeforeReady(let node, let end, let log):
            "node \(node) \(end) before it was ready" + Self.text(log)
        case .notEnded(let node, let limit): "node \(node) had not ended \(Self.text(limit)) after it was asked to"
        case .refused(let node, let action, let why): "node \(node) refuses to \(action): \(why)"
        case .noAnswer(let node, let why): "node \(node) does not answer: \(why)"
        case .cancelled(let what): "interrupted while waiting for \(what)"
        }
    }

    private static func text(_ duration: Duration) -> String { "\(duration.formattedSeconds) s" }

    private static func text(_ log: [String]) -> String {
        log.isEmpty ? "; its log is empty" : "; its log ends with:\n" + log.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension Duration {
    /// In seconds with at most one decimal, for messages.
    fileprivate var formattedSeconds: String {
        let tenths = (self / .milliseconds(100)).rounded()
        guard tenths.magnitude < 1e15 else { return "very many" }
        let whole = Int(tenths)
        return whole % 10 == 0 ? "\(whole / 10)" : "\(whole / 10).\((whole % 10).magnitude)"
    }
}
