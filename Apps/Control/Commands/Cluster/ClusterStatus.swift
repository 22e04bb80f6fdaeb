import ArgumentParser
import ClusterKit
import NodeClient

struct ClusterStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the nodes that the supervisor runs, what was done to them, and what is wrong.",
        discussion: """
            Judges as `statorctl status` does, which is for any cluster. Exit status 1 where one does not serve, or
            something else is wrong.
            """)
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await telling {
            let supervisor = try SupervisorAddress.find(in: ClusterFolder(place.folder))
            let state = try await supervisor.state()
            let verdict = await Self.verdict(state)
            if place.json {
                return Terminal.print(JSONValue.object(state.members + (verdict?.members ?? [])).serialized)
            }
            Terminal.print("dashboard  \(supervisor.url)")
            Terminal.print("")
            var table = Table("NODE", "STATE", "PID", "EPOCH", "KEYS", "HINTS", "FAULTS", "URL")
            for node in state["nodes"].elements {
                let sample = node["sample"]
                table.add([
                    Table.Cell(node["node"].shown), Self.state(node), Table.Cell(node["pid"].shown),
                    Table.Cell(sample["epoch"].shown), Table.Cell(sample["keys"]["live"].shown),
                    Table.Cell(sample["hints"]["pending"].shown), Table.Cell(Self.faults(node)),
                    Table.Cell(node["url"].shown),
                ])
            }
            table.show()
            if let verdict {
                Terminal.print("")
                verdict.showSentences()
            }
            let isWhole = state["nodes"].elements.allSatisfy { $0["sample"]["ready"].isTrue }
            if !isWhole || verdict?.isHealthy != true { throw Outcome.failed }
        }
    }

    /// Nodes that the supervisor knows to say nothing are not asked.
    private static func verdict(_ state: JSONValue) async -> ClusterVerdict? {
        let nodes = state["nodes"].elements
        let silent = nodes.filter { $0["state"].text != "running" || $0["silence"] != .null }
        let down = silent.map { node in
            (node["node"].shown, node["state"].text == "running" ? node["silence"].shown : node["state"].shown)
        }
        let asked = nodes.filter { node in !silent.contains { $0["node"] == node["node"] } }
        return await ClusterVerdict.make(
            asking: asked.compactMap { $0["url"].text.flatMap(NodeURL.init) },
            down: Dictionary(down, uniquingKeysWith: { first, _ in first }))
    }

    private static func state(_ node: JSONValue) -> Table.Cell {
        let state = node["state"].shown
        guard state == "running" else { return Table.Cell(state, state == "paused" ? .yellow : .red) }
        guard node["sample"] != .null else { return Table.Cell("no answer", .red) }
        return node["sample"]["ready"].isTrue ? Table.Cell("serves", .green) : Table.Cell("not ready", .yellow)
    }

    private static func faults(_ node: JSONValue) -> String {
        var parts: [String] = []
        let cut = node["cut"].elements.map(\.shown)
        if !cut.isEmpty { parts.append("cut from \(cut.joined(separator: ","))") }
        if let delay = node["delay_ms"].integer, delay > 0 { parts.append("\(delay) ms late") }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }
}

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Follow the nodes' logs until Ctrl-C.")
    @Argument(help: "The nodes' names; all without any.") var nodes: [String] = []
    @Option(name: .long, help: "How many past lines of each are shown.") var lines = 20
    @Flag(name: .long, help: "End after the past lines.") var noFollow = false
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard lines >= 0 else { throw ValidationError("--lines is \(lines), expected 0 or more") }
    }

    func run() async throws {
        try await telling {
            let folder = try ClusterFolder(place.folder)
            let supervisor = try SupervisorAddress.find(in: folder)
            let known = try await supervisor.state()["nodes"].elements.compactMap { $0["node"].text }
            for name in nodes where !known.contains(name) {
                throw ClusterError.usage("there is no node \(name): the nodes are \(known.joined(separator: ", "))")
            }
            let shown = nodes.isEmpty ? known : nodes
            var follower = LogFollower(shown, of: folder, lines: lines, show: NodeColours(known).show)
            guard !noFollow else { return }
            await follower.run(while: { folder.isLocked }, of: { shown })
        }
    }
}

/// Lines of several nodes, told apart by a colour for each.
struct NodeColours {
    private static let colours: [Terminal.Colour] = [.cyan, .green, .yellow, .magenta, .blue, .red]
    private let names: [String]
    private let width: Int

    init(_ names: [String]) {
        self.names = names
        width = names.map(\.count).max() ?? 1
    }

    func show(_ node: String, _ line: String) {
        let index = names.firstIndex(of: node) ?? names.count
        let padding = String(repeating: " ", count: max(0, width - node.count))
        let prefix = Terminal.coloured("\(node)\(padding) |", Self.colours[index % Self.colours.count])
        Terminal.print("\(prefix) \(Table.Cell(line).text)")
    }
}
