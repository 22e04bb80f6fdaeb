import ArgumentParser
import ClusterKit
import NodeClient

/// Something that is done to one node.
protocol NodeAction: AsyncParsableCommand {
    static var action: String { get }
    var node: String { get }
    var place: PlaceOptions { get }
}

extension NodeAction {
    func run() async throws { try await place.carryOut(Self.action, ["node": .string(node)]) }
}

struct KillNode: NodeAction {
    static let action = "kill"
    static let configuration = CommandConfiguration(commandName: action, abstract: "End a node at once, by SIGKILL.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct StopNode: NodeAction {
    static let action = "stop"
    static let configuration = CommandConfiguration(commandName: action, abstract: "End a node in order, by SIGTERM.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct PauseNode: NodeAction {
    static let action = "pause"
    static let configuration = CommandConfiguration(
        commandName: action,
        abstract: "Halt a node, by SIGSTOP: it answers nobody, and its connections stay open.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct ResumeNode: NodeAction {
    static let action = "resume"
    static let configuration = CommandConfiguration(commandName: action, abstract: "Let a paused node go on.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct WipeNode: NodeAction {
    static let action = "wipe"
    static let configuration = CommandConfiguration(
        commandName: action,
        abstract: "Kill a node, delete all that it stored, start it again and wait until it has recovered.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct RemoveNode: NodeAction {
    static let action = "remove"
    static let configuration = CommandConfiguration(
        commandName: action,
        abstract: "Have a node leave the ring; it is stopped once the others have what it owned.")
    @Argument(help: "The node's name.") var node: String
    @OptionGroup var place: PlaceOptions
}

struct StartNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a node again, or all that are down, and wait until they serve.")
    @Argument(help: "The node's name; all that are down without it.") var node: String?
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        guard let node else { return try await place.carryOut("start") }
        try await place.carryOut("start", ["node": .string(node)])
    }
}

struct AddNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Start a new node and have it join the ring.",
        discussion: "Its configuration is the first node's, with a name, ports and a data folder of its own.")
    @Argument(help: "The node's name; the next free letter without it.") var node: String?
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        guard let node else { return try await place.carryOut("add") }
        try await place.carryOut("add", ["node": .string(node)])
    }
}

struct ClusterDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop all nodes, and the supervisor with its dashboard.")
    @OptionGroup var place: PlaceOptions

    func run() async throws {
        try await telling {
            let supervisor = try SupervisorAddress.find(in: ClusterFolder(place.folder))
            // Its answer may be lost when it ends at once.
            let said = try? await supervisor.carryOut("down", .object([]), within: .seconds(60))
            Terminal.note(said ?? "all nodes are being stopped")
        }
        try await place.waitForEnd()
    }
}
