import ConflictResolution
import Partitioning
import Replication
import Simulation
import StatorCore

/// What is where. These read past the machines and take no time, but for `explain`, which asks the nodes.
extension ScenarioRunner {
    func ready() throws(CommandError) -> [String] {
        let cluster = try cluster()
        let reasons = cluster.names.compactMap { node in
            cluster.notReadyReason(of: node).map { reason in
                cluster.isUp(node) ? "\(node): \(reason.replacing(#/ [0-9]+% of/#, with: ""))" : reason
            }
        }
        return reasons.isEmpty ? ["all serve"] : reasons
    }

    func hints() throws(CommandError) -> [String] {
        let cluster = try cluster()
        var lines: [String] = []
        for keeper in runningNodes {
            var counts: [(target: NodeID, count: Int)] = []
            for backlog in cluster.inspection(of: keeper).flatMap(\.hintsWaiting) {
                if let position = counts.firstIndex(where: { $0.target == backlog.target }) {
                    counts[position].count += backlog.count
                } else {
                    counts.append((backlog.target, backlog.count))
                }
            }
            lines += counts.sorted { $0.target < $1.target }.map { "\(keeper) keeps \($0.count) for \($0.target)" }
        }
        return lines.isEmpty ? ["none"] : lines
    }

    /// What each node of the preference list has stored of a key.
    func replicas(_ command: ScenarioCommand) throws -> [String] {
        let fixture = try fixture()
        let key = try Key(command.arguments[0])
        let list = try preferenceList(of: key)
        var rows: [[String]] = []
        var digests: [Digest?] = []
        for (position, node) in list.nodes.enumerated() {
            let isReplica = position < list.replicaCount
            var row = [node.name, isReplica ? "replica" : "fallback"]
            if fixture.cluster.isUp(node) {
                let record = try fixture.cluster.storedRecord(of: key, at: node)
                if isReplica { digests.append(record?.digest) }
                let held = try record.map { try fixture.blueprint.resolver.read($0.body) }
                row.append(held.map(ScenarioText.record) ?? "nothing")
                if isRecovering(node) { row.append("recovering") }
            } else {
                row.append("down")
            }
            rows.append(row)
        }
        let areEqual = digests.allSatisfy { $0 == digests.first }
        return ScenarioText.table(rows) + [areEqual ? "equal" : "different"]
    }

    private func isRecovering(_ node: NodeID) -> Bool {
        (try? cluster())?.inspection(of: node).contains { $0.recoveringFraction > 0 } ?? false
    }

    private func preferenceList(of key: Key) throws(CommandError) -> (nodes: [NodeID], replicaCount: Int) {
        let cluster = try cluster()
        guard let placement = newestState?.placement else { throw CommandError("no node runs") }
        let list = placement.preferenceList(for: cluster.token(of: key))
        return (Array(list), list.replicaCount)
    }

    func explain(_ command: ScenarioCommand) throws -> [String] {
        guard let asked = try command.option("at").map({ try node($0) }) ?? runningNodes.first else {
            throw CommandError("no node runs")
        }
        let explanation = try fixture().explanation(command.arguments[0], at: asked.name)
        let rows = explanation.replicas.enumerated().map { position, replica in
            [
                replica.node.name, position < explanation.replicaCount ? "replica" : "fallback",
                holdings(replica), names.shortened(replica.causality),
            ]
        }
        return ScenarioText.table(rows)
    }

    private func holdings(_ replica: ReplicaExplanation) -> String {
        guard replica.hasAnswered else { return "no answer" }
        var parts: [String] = []
        if replica.digest == nil {
            if replica.hintsFor.isEmpty { parts.append("nothing") }
        } else if replica.isTombstone {
            parts.append("tombstone")
        } else {
            parts.append(replica.siblings == 1 ? "1 version" : "\(replica.siblings) siblings")
        }
        if !replica.hintsFor.isEmpty {
            parts.append("hint for \(replica.hintsFor.map(\.name).joined(separator: " and "))")
        }
        if replica.isRecovering { parts.append("recovering") }
        return parts.joined(separator: ", ")
    }

    /// Keys whose owners do not hold equal records, and keys held by nodes that do not own them.
    func diverged() throws -> [String] {
        let fixture = try fixture()
        var lines: [String] = []
        let different = try fixture.divergentKeys()
        if !different.isEmpty { lines.append("different: \(ScenarioText.list(different))") }
        for node in runningNodes {
            guard let placement = newestState?.placement else { continue }
            let foreign = fixture.cluster.records(of: node).filter { !placement.isReplica(node, for: $0.token) }
            if !foreign.isEmpty {
                lines.append("not owned by \(node): \(ScenarioText.list(foreign.map(\.key.displayText)))")
            }
        }
        return lines.isEmpty ? ["none"] : lines
    }

    /// How many keys each node holds.
    func keyCounts() throws(CommandError) -> [String] {
        let cluster = try cluster()
        return [runningNodes.map { "\($0) \(cluster.records(of: $0).count)" }.joined(separator: ", ")]
    }

    /// Sums over nodes of what they have counted since their start.
    func counters(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let cluster = try cluster()
        let asked = try command.option("at").map { text throws(CommandError) in try nodes(text) } ?? runningNodes
        let all = asked.flatMap { cluster.counters(of: $0) }.map { counters in
            Mirror(reflecting: counters).children.compactMap { child -> (name: String, count: Int)? in
                guard let name = child.label, let count = child.value as? Int else { return nil }
                return (name, count)
            }
        }
        let known = Mirror(reflecting: ShardCounters()).children.compactMap(\.label)
        return try command.arguments.map { name throws(CommandError) in
            guard known.contains(name) else {
                throw CommandError("there is no counter '\(name)', there are \(known.joined(separator: ", "))")
            }
            let sum = all.reduce(0) { $0 + ($1.first { $0.name == name }?.count ?? 0) }
            return "\(name) \(sum)"
        }
    }

    /// What a node has logged since the last `log`, without times.
    func log(_ command: ScenarioCommand) throws(CommandError) -> [String] {
        let node = try node(command.arguments[0])
        let lines = try cluster().log
        let fresh = lines.dropFirst(logRead)
        logRead = lines.count
        let matching = fresh.compactMap { line -> String? in
            guard let entry = line.firstMatch(of: #/^\S+ ([^\s\/:']+)(?:\/[0-9]+)?: (info|warning|error)\("(.*)"\)$/#),
                entry.1 == node.name
            else { return nil }
            let text = String(entry.3)
            return command.option("match").map { text.contains($0) } ?? true ? "\(entry.2): \(text)" : nil
        }
        return matching.isEmpty ? ["nothing"] : matching
    }
}
