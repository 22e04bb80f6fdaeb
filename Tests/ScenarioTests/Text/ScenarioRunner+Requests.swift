import ConflictResolution
import NIOCore
import Replication
import Simulation
import StatorCore

/// One request of a client, ready to be submitted.
struct PlannedRequest {
    let key: String
    let node: NodeID
    let operation: ClientOperation
}

/// What clients do.
extension ScenarioRunner {
    func request(_ command: ScenarioCommand) throws -> [String] {
        let options = try requestOptions(command)
        var responses: [(PlannedRequest, ClientResponse)] = []
        for planned in try plans(of: command) {
            let ticket = try submit(planned, options)
            responses.append((planned, try response(ticket)))
            try settle()
        }
        return try report(responses, of: command)
    }

    func submit(_ planned: PlannedRequest, _ options: RequestOptions) throws -> ClientTicket {
        let fixture = try fixture()
        return fixture.cluster.submit(try fixture.request(planned.key, planned.operation, options), to: planned.node)
    }

    func response(_ ticket: ClientTicket) throws(CommandError) -> ClientResponse {
        let cluster = try cluster()
        _ = cluster.run(atMost: Self.requestLimit) { cluster.responses[ticket] != nil }
        guard let response = cluster.responses[ticket] else { throw CommandError("the request was never answered") }
        return response
    }

    // MARK: Planning

    /// A read goes to every node; writes take turns.
    func plans(of command: ScenarioCommand) throws -> [PlannedRequest] {
        let nodes = try nodes(command.option("at") ?? "")
        let keys = try ScenarioValues.names(command.arguments[0])
        if command.verb == .get {
            return nodes.flatMap { node in keys.map { PlannedRequest(key: $0, node: node, operation: .get) } }
        }
        let basis = try basis(command.option("context"))
        let values = command.verb == .put ? try ScenarioValues.names(command.arguments[1]) : []
        guard keys.count == 1 || values.count <= 1 else {
            throw CommandError("a range of keys takes one value, a range of values one key")
        }
        let contents = values.map { Content(form: .raw, bytes: ByteBuffer(string: $0)) }
        return (0..<max(keys.count, values.count)).map { index in
            let content = contents.isEmpty ? nil : contents[contents.count == 1 ? 0 : index]
            return PlannedRequest(
                key: keys.count == 1 ? keys[0] : keys[index], node: nodes[index % nodes.count],
                operation: .write(VersionWrite(content: content, basis: basis)))
        }
    }

    private func basis(_ text: String?) throws(CommandError) -> WriteBasis {
        switch text {
        case nil, "held": .held
        case "none": .nothing
        case let name?: try context(name).map { .context($0) } ?? .nothing
        }
    }

    private func context(_ name: String) throws(CommandError) -> ByteBuffer? {
        guard let kept = contexts.last(where: { $0.name == name }) else {
            let known = contexts.map(\.name).joined(separator: ", ")
            throw CommandError("no read was kept as '\(name)', there are: \(known.isEmpty ? "none" : known)")
        }
        return kept.context
    }

    func requestOptions(_ command: ScenarioCommand) throws(CommandError) -> RequestOptions {
        var options = RequestOptions()
        if let text = command.option("r") { options.readQuorum = try ScenarioValues.quorum(text) }
        if let text = command.option("w") { options.writeQuorum = try ScenarioValues.quorum(text) }
        if let text = command.option("sloppy") { options.isSloppy = try ScenarioValues.isOn(text) }
        switch command.option("if") {
        case nil: break
        case "absent": options.precondition = .absent
        case let name?:
            guard let context = try context(name) else {
                throw CommandError("'\(name)' is the context of a key that was never written: write if=absent")
            }
            options.precondition = .context(context)
        }
        return options
    }

    // MARK: Reporting

    func report(_ responses: [(PlannedRequest, ClientResponse)], of command: ScenarioCommand) throws -> [String] {
        if let name = command.option("as") { try keep(responses, as: name) }
        guard responses.count > 1 else {
            return responses.map { answer($0.1, isDelete: command.verb == .delete, isOneOfMany: false) }
        }
        return command.verb == .get ? reads(responses) : writes(responses, isDelete: command.verb == .delete)
    }

    private func keep(_ responses: [(PlannedRequest, ClientResponse)], as name: String) throws(CommandError) {
        guard responses.count == 1 else { throw CommandError("'as' keeps the context of one read, not of several") }
        switch responses[0].1 {
        case .found(let result): contexts.append((name, result.context))
        case .notFound(let context): contexts.append((name, context))
        default: break
        }
    }

    private func writes(_ responses: [(PlannedRequest, ClientResponse)], isDelete: Bool) -> [String] {
        var groups = AnswerGroups()
        for (planned, response) in responses {
            groups.add(answer(response, isDelete: isDelete, isOneOfMany: true), of: planned.key)
        }
        return groups.groups.map { "\($0.names.count) \($0.answer)" }
    }

    /// Nodes that read the same stand together, and so do keys.
    private func reads(_ responses: [(PlannedRequest, ClientResponse)]) -> [String] {
        var perNode: [(node: NodeID, answers: AnswerGroups)] = []
        for (planned, response) in responses {
            if perNode.last?.node != planned.node { perNode.append((planned.node, AnswerGroups())) }
            perNode[perNode.count - 1].answers.add(
                answer(response, isDelete: false, isOneOfMany: true), of: planned.key)
        }
        let isOneKey = responses.count == perNode.count
        var nodes = AnswerGroups()
        for (node, answers) in perNode {
            let text = answers.groups.map { isOneKey ? $0.answer : "\($0.names.count) keys: \($0.answer)" }
            nodes.add(text.joined(separator: "; "), of: node.name)
        }
        if perNode.count == 1 { return nodes.groups[0].answer.split(separator: "; ").map(String.init) }
        return nodes.groups.map { "\($0.names.joined(separator: ", ")): \($0.answer)" }
    }

    func answer(_ response: ClientResponse, isDelete: Bool, isOneOfMany: Bool) -> String {
        switch response {
        case .found(let result): ScenarioText.versions(result)
        case .value(let content): String(buffer: content.bytes)
        case .notFound(nil): "not found"
        case .notFound: "not found, deleted"
        case .stored(let outcome):
            (isDelete ? "deleted" : outcome.isFirst && !isOneOfMany ? "stored as the first version" : "stored")
                + (isOneOfMany ? "" : ", coordinator \(outcome.node)")
        case .updated: "updated"
        case .explained: "explained"
        case .failed(let error): "failed: \(error)"
        }
    }

    // MARK: At once

    /// Of requests that race, which came first is chance.
    private static func withoutRank(_ response: ClientResponse) -> ClientResponse {
        guard case .stored(var outcome) = response else { return response }
        outcome.isFirst = false
        return .stored(outcome)
    }

    /// Submits everything before anything is answered.
    func carryOutTogether(_ block: [ScenarioCommand]) throws -> [String] {
        guard !block.isEmpty else { throw CommandError("'concurrently' needs indented commands below it") }
        if let other = block.first(where: { !$0.verb.isClientRequest }) {
            throw CommandError("'\(other.verb.rawValue)' cannot be done concurrently")
        }
        var submitted: [(command: ScenarioCommand, tickets: [(PlannedRequest?, ClientTicket)])] = []
        for command in block {
            if let ticket = try submitChange(command) {
                submitted.append((command, [(nil, ticket)]))
                continue
            }
            let options = try requestOptions(command)
            submitted.append((command, try plans(of: command).map { ($0, try submit($0, options)) }))
        }
        var output: [String] = []
        for (command, tickets) in submitted {
            var responses: [(PlannedRequest, ClientResponse)] = []
            for (planned, ticket) in tickets {
                if let planned {
                    responses.append((planned, Self.withoutRank(try response(ticket))))
                } else {
                    output.append(try changeAnswer(ticket))
                }
            }
            if !responses.isEmpty { output += try report(responses, of: command) }
        }
        try settle()
        return output
    }
}
