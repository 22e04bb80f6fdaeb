import Foundation

/// `statorctl cluster up --detach` in a folder of its own, and its commands.
final class LocalSupervisor {
    let folder: TemporaryFolder
    private let control: String

    /// - Parameter files: in whose folder it works; an empty one by default.
    init(_ files: ShippedFiles? = nil) throws {
        folder = try files?.folder ?? TemporaryFolder()
        control = try Binaries.control()
    }

    @discardableResult
    func run(_ arguments: [String], within limit: Double = 120) throws -> ChildProcess.Finished {
        try ChildProcess.run([control, "cluster"] + arguments + ["--folder", folder.path], within: limit)
    }

    /// The fixed part of `up`: any free ports, short intervals.
    static let upArguments = [
        "up", "--http-port", "0", "--peer-port", "0", "--dashboard", "0", "--set",
        "strategies.membership.intervalMilliseconds=200", "--set",
        "strategies.membership.minimumDeviationMilliseconds=200", "--set",
        "strategies.membership.acceptablePauseMilliseconds=1000", "--set",
        "strategies.partitioner.tokensPerNode=16", "--set", "hints.deliveryIntervalMilliseconds=200", "--set",
        "antiEntropy.intervalMilliseconds=500",
    ]

    /// - Parameter nodes: `nil` for those whose configurations are in the folder.
    func up(nodes: Int? = nil, _ more: [String] = []) throws {
        let count = nodes.map { ["--nodes", "\($0)"] } ?? []
        let ended = try run(Self.upArguments + count + ["--detach"] + more)
        guard ended.status == 0 else { throw HarnessError("cluster up: \(ended.output)\(ended.errors)") }
    }

    /// A command that has to succeed.
    func done(_ arguments: String...) throws {
        let ended = try run(arguments)
        guard ended.status == 0 else { throw HarnessError("\(arguments): \(ended.status), \(ended.errors)") }
    }

    var state: JSON {
        get throws {
            let ended = try run(["status", "--json"])
            return try JSON(Array(ended.output.utf8))
        }
    }

    func node(_ name: String) throws -> JSON {
        guard let node = try state["nodes"].elements.first(where: { $0["node"].text == name }) else {
            throw HarnessError("there is no node \(name)")
        }
        return node
    }

    func client(_ name: String) throws -> HTTPClient {
        guard let port = try node(name)["url"].text?.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw HarnessError("node \(name) has no address")
        }
        return HTTPClient(port: port)
    }

    /// Where the dashboard is.
    var dashboard: String {
        get throws {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/run/cluster.json"))
            return try JSON(Array(bytes))["url"].text ?? ""
        }
    }

    func waitUntilAllServe() throws {
        try eventually("all nodes to serve", within: 60) {
            let nodes = try state["nodes"].elements
            return !nodes.isEmpty && nodes.allSatisfy { $0["sample"]["ready"].bool == true }
        }
    }

    func end() {
        _ = try? run(["down"])
        folder.remove()
    }
}
