import Simulation
import StatorCore

/// What goes wrong, and what ends it.
extension ScenarioRunner {
    func changeNodes(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let cluster = try cluster()
        let isAll = command.arguments[0] == Self.allNodes
        let needsDown = command.verb == .start || command.verb == .wipe
        for node in try nodes(command.arguments[0]) where !isAll || cluster.isUp(node) != needsDown {
            guard cluster.isUp(node) != needsDown else {
                throw CommandError(needsDown ? "\(node) is running: crash or stop it first" : "\(node) is down")
            }
            switch command.verb {
            case .crash: cluster.crash(node)
            case .stop: cluster.stop(node)
            case .wipe: cluster.wipe(node)
            case .start: cluster.start(node)
            case .restart: cluster.restart(node)
            case .pause: cluster.pause(node)
            case .resume: cluster.resume(node)
            default: break
            }
        }
        return []
    }

    func changeNetwork(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let cluster = try cluster()
        switch command.verb {
        case .partition: cluster.partition(try groups(command.arguments))
        case .cut:
            guard command.arguments[1] == "->" else { throw CommandError("expected: \(command.verb.usage)") }
            let senders = try nodes(command.arguments[0]).compactMap { cluster.index(of: $0) }
            let receivers = try nodes(command.arguments[2]).compactMap { cluster.index(of: $0) }
            cluster.apply(.oneWay(from: senders, to: receivers))
        case .heal: cluster.heal()
        case .delay: cluster.network.setDelay(try ScenarioValues.times(command.arguments[0]))
        case .loss: cluster.network.extraLoss = try ScenarioValues.share(command.arguments[0])
        case .detection: cluster.detection = try ScenarioValues.time(command.arguments[0])
        default: break
        }
        return []
    }

    /// `A,B | C | D`.
    private func groups(_ words: [String]) throws(CommandError) -> [[NodeID]] {
        var groups: [[NodeID]] = []
        for (index, word) in words.enumerated() {
            if index % 2 == 0 {
                groups.append(try nodes(word))
            } else if word != "|" {
                throw CommandError("expected: \(ScenarioVerb.partition.usage)")
            }
        }
        let all = groups.flatMap { $0 }
        guard words.count % 2 == 1, Set(all).count == all.count else {
            throw CommandError("every node stands on one side, sides are separated by |")
        }
        return groups
    }

    func setClock(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let offset = try ScenarioValues.time(command.arguments[1])
        try cluster().setWallOffset(offset, of: try node(command.arguments[0]))
        return []
    }

    func run(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let duration = try ScenarioValues.time(command.arguments[0])
        guard duration > .zero else { throw CommandError("time does not run backwards") }
        try cluster().run(for: duration)
        return []
    }
}
