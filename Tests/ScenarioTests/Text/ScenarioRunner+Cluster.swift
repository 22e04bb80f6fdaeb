import Replication
import Simulation
import StatorCore

extension ScenarioRunner {
    /// Makes a cluster and waits until its members serve.
    func makeCluster(_ command: ScenarioCommand) throws -> [String] {
        let members = try memberNames(command.option("nodes") ?? "")
        let outsiders = command.option("outsiders").map { $0.split(separator: ",").map(String.init) } ?? []
        var seed = defaultSeed
        if let own = command.option("seed") {
            guard let number = UInt64(own) else { throw CommandError("'\(own)' is no seed") }
            seed = number
        }
        let transport = command.option("transport") ?? NetworkTransport.tcp.rawValue
        guard let transport = NetworkTransport(rawValue: transport) else {
            throw CommandError("'\(transport)' is no transport")
        }
        let fixture = try SimulatedFixture(
            members: members, outsiders: outsiders, overrides: try overrides(command), transport: transport, seed: seed)
        take(fixture, hasOwnSeed: command.option("seed") != nil)
        for name in fixture.cluster.names { fixture.cluster.start(name) }
        _ = fixture.cluster.run(atMost: Self.waitingLimit) {
            members.allSatisfy { fixture.cluster.notReadyReason(of: NodeID($0)) == nil }
        }
        fixture.letLinksComeUp()
        let settings = fixture.blueprint.replication
        let serving = members.filter { fixture.cluster.notReadyReason(of: NodeID($0)) == nil }
        let quorums = "N=\(settings.replicas) R=\(settings.readQuorum) W=\(settings.writeQuorum)"
        let outside = outsiders.isEmpty ? "" : ", outside: \(outsiders.joined(separator: ", "))"
        let strategy = fixture.blueprint.kinds.conflictResolver
        return ["\(serving.joined(separator: ", ")) serve: \(quorums), \(strategy)\(outside)"]
    }

    /// `4` as A, B, C and D, or names.
    private func memberNames(_ text: String) throws(CommandError) -> [String] {
        guard let count = Int(text) else {
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard names.allSatisfy({ NodeID.isValid($0) }) else { throw CommandError("'\(text)' is no list of names") }
            return names
        }
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }
        guard (1...letters.count).contains(count) else {
            throw CommandError("\(count) nodes are no cluster here, 1 to \(letters.count) are")
        }
        return Array(letters.prefix(count))
    }

    /// What the options mean to the configuration, as `--set` takes it.
    private func overrides(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        var found: [String] = []
        let plain = [
            ("n", "replication.n"), ("r", "replication.r"), ("w", "replication.w"),
            ("resolver", "strategies.conflictResolver.kind"), ("sync", "strategies.sync.kind"),
        ]
        for (name, path) in plain {
            if let value = command.option(name) { found.append("\(path)=\(value)") }
        }
        let switches = [
            ("sloppy", "replication.sloppy"), ("hints", "hints.enabled"), ("read-repair", "replication.readRepair"),
        ]
        for (name, path) in switches {
            if let value = command.option(name) { found.append("\(path)=\(try ScenarioValues.isOn(value))") }
        }
        switch command.option("anti-entropy") {
        case nil, "on": break
        case "off": found.append("antiEntropy.enabled=false")
        case let interval?:
            let milliseconds = try ScenarioValues.time(interval) / .milliseconds(1)
            found.append("antiEntropy.intervalMilliseconds=\(Int(milliseconds))")
        }
        for setting in command.values(of: "set") {
            guard let colon = setting.firstIndex(of: ":") else { throw CommandError("'\(setting)' is not PATH:VALUE") }
            found.append("\(setting[..<colon])=\(setting[setting.index(after: colon)...])")
        }
        return found
    }
}
