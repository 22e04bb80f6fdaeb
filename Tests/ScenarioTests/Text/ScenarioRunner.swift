import NIOCore
import Replication
import Simulation
import StatorCore

/// Carries out a scenario's commands in a simulated cluster and says in stable text what came of them.
///
/// Stable: equal for every seed and for any change of the code that keeps what is promised. So there are no digests, no
/// incarnations and no times in it.
final class ScenarioRunner {
    /// After each command the cluster runs on for this long, so that what the command set in motion has arrived.
    static let settling: Duration = .milliseconds(20)
    static let allNodes = "all"
    static let requestLimit: Duration = .seconds(15)
    static let waitingLimit: Duration = .seconds(300)

    let defaultSeed: UInt64
    /// Whether a `cluster` command names its seed.
    private(set) var hasOwnSeed = false
    private var made: SimulatedFixture?
    /// What reads kept with `as=`.
    var contexts: [(name: String, context: ByteBuffer?)] = []
    var names = ActorNames()
    /// Log lines that `log` has shown or passed over.
    var logRead = 0

    init(seed: UInt64) {
        defaultSeed = seed
    }

    /// The output of one step; `ok` where its commands have nothing to say.
    func carryOut(_ step: ScenarioScript.Step) throws(ScenarioError) -> [String] {
        var commands: [ScenarioCommand] = []
        for line in step.commandLines { commands.append(try ScenarioCommand(parsing: line)) }
        var output: [String] = []
        var rest = commands[...]
        while let command = rest.popFirst() {
            let block = Array(rest.prefix { $0.isIndented })
            rest = rest.dropFirst(block.count)
            do {
                output += try carryOut(command, block)
            } catch {
                throw ScenarioError(line: command.line, message: "\(error)")
            }
        }
        return output.isEmpty ? ["ok"] : output
    }

    private func carryOut(_ command: ScenarioCommand, _ block: [ScenarioCommand]) throws -> [String] {
        if command.verb == .concurrently { return try carryOutTogether(block) }
        guard block.isEmpty, !command.isIndented else {
            throw CommandError("only under '\(ScenarioVerb.concurrently.rawValue)' are commands indented")
        }
        let output = try carryOut(command)
        if let made { names.note(made.cluster) }
        return output
    }

    private func carryOut(_ command: ScenarioCommand) throws -> [String] {
        switch command.verb {
        case .cluster: try makeCluster(command)
        case .put, .delete, .get: try request(command)
        case .concurrently: []
        case .crash, .stop, .start, .restart, .wipe, .pause, .resume: try changeNodes(command)
        case .partition, .cut, .heal, .delay, .loss, .detection: try changeNetwork(command)
        case .clock: try setClock(command)
        case .run: try run(command)
        case .untilReady, .untilQuiet, .untilSettled, .untilChange: try wait(command)
        case .ready: try ready()
        case .hints: try hints()
        case .replicas: try replicas(command)
        case .explain: try explain(command)
        case .diverged: try diverged()
        case .keys: try keyCounts()
        case .counters: try counters(command)
        case .log: try log(command)
        case .ring: try ring()
        case .members: try members(command)
        case .join, .leave: try change(command)
        case .sync: try sync(command)
        }
    }

    // MARK: The cluster at hand

    func fixture() throws(CommandError) -> SimulatedFixture {
        guard let made else { throw CommandError("there is no cluster yet: begin with 'cluster nodes=4'") }
        return made
    }

    func cluster() throws(CommandError) -> SimulatedCluster { try fixture().cluster }

    /// Takes the place of the cluster before, if there was one.
    func take(_ fixture: SimulatedFixture, hasOwnSeed: Bool) {
        made = fixture
        if hasOwnSeed { self.hasOwnSeed = true }
        contexts = []
        names = ActorNames()
        logRead = 0
    }

    /// Lets everything that is under way arrive.
    func settle() throws(CommandError) {
        try cluster().run(for: Self.settling)
    }

    // MARK: Nodes

    func node(_ name: String) throws(CommandError) -> NodeID {
        let names = try cluster().names
        guard let found = names.first(where: { $0.name == name }) else {
            throw CommandError("there is no node '\(name)', there are \(names.map(\.name).joined(separator: ", "))")
        }
        return found
    }

    /// `A,B,C`, or `all`.
    func nodes(_ text: String) throws(CommandError) -> [NodeID] {
        if text == Self.allNodes { return try cluster().names }
        var found: [NodeID] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            found.append(try node(name))
        }
        return found
    }

    func runningNode(_ name: String) throws(CommandError) -> NodeID {
        let node = try node(name)
        guard try cluster().isUp(node) else { throw CommandError("\(node) is down") }
        return node
    }

    var runningNodes: [NodeID] { made.map { made in made.cluster.names.filter { made.cluster.isUp($0) } } ?? [] }

    /// The cluster as the node sees it that knows of the latest change.
    var newestState: ClusterState? {
        runningNodes.compactMap { made?.cluster.membership(of: $0)?.state }.reduce(nil) { newest, state in
            newest.map { $0.epoch >= state.epoch } ?? false ? newest : state
        }
    }
}
