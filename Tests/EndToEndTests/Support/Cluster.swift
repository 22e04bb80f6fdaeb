import Foundation
import Processes
import Testing

/// The nodes of one test, in a folder of their own.
final class Cluster {
    let folder: TemporaryFolder
    private(set) var nodes: [ClusterNode] = []

    /// - Parameters:
    ///   - outsiders: nodes that are not among the first members; they are made, not started.
    ///   - settings: over the defaults, by dotted path, for all nodes.
    init(_ names: [String], outsiders: [String] = [], settings: [String: Any] = [:]) throws {
        folder = try TemporaryFolder()
        let everyone = try (names + outsiders).map { name in
            NodeFile.Member(
                name: name, peerPort: try FreePorts.take(), httpPort: try FreePorts.take(),
                respPort: try FreePorts.take())
        }
        let members = Array(everyone.prefix(names.count))
        nodes = try everyone.map { member in
            let file = NodeFile(
                name: member.name, peerPort: member.peerPort, httpPort: member.httpPort,
                respPort: member.respPort,
                dataFolder: "\(folder.path)/data/\(member.name)", members: members, settings: settings)
            return try ClusterNode(file, folder: folder.path)
        }
    }

    subscript(_ name: String) -> ClusterNode {
        guard let node = nodes.first(where: { $0.name == name }) else { preconditionFailure("no node \(name)") }
        return node
    }

    var running: [ClusterNode] { nodes.filter(\.isRunning) }

    func start(_ names: [String]? = nil) throws {
        for node in nodes where names?.contains(node.name) ?? true { try node.start() }
    }

    /// Starts the nodes and waits until they serve and are linked to one another.
    func startAndWait(_ names: [String]? = nil) throws {
        try start(names)
        try waitUntilReady()
    }

    func waitUntilReady(within limit: Double = 60) throws {
        for node in running { try node.waitUntilReady(within: limit) }
        let others = running.count - 1
        for node in running {
            try eventually("node \(node.name) to be linked to \(others) others", within: limit) {
                let stats = try node.stats()
                let links = stats["transport"]["links_up"].int ?? 0
                guard links >= others else { throw HarnessError("\(links) links are up") }
                let recovering = stats["recovering_fraction"].double ?? 1
                guard recovering == 0 else { throw HarnessError("\(recovering) of its ranges are recovering") }
                return true
            }
        }
    }

    func end() {
        for node in nodes { node.process?.signal(SIGCONT) }
        for node in nodes { node.process?.signal(SIGTERM) }
        for node in nodes { node.end() }
        folder.remove()
    }

    /// For a failure's report.
    var logs: String {
        nodes.map { "--- log of \($0.name)\n\($0.logTail)" }.joined(separator: "\n")
    }
}

/// Runs a test's body with a cluster that is started and ready, and ends it whatever happens; shows the logs where the
/// body throws.
func withCluster(
    _ names: [String] = ["A", "B", "C", "D"], outsiders: [String] = [], settings: [String: Any] = [:],
    starting: Bool = true, _ body: (Cluster) throws -> Void
) throws {
    let cluster = try Cluster(names, outsiders: outsiders, settings: settings)
    defer { cluster.end() }
    do {
        if starting { try cluster.startAndWait(names) }
        try body(cluster)
    } catch {
        Issue.record("\(error)\n\(cluster.logs)")
        throw error
    }
}
