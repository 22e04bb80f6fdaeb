internal import NodeClient
internal import Processes

/// One node that a supervisor is to run, as its configuration says.
package struct NodePlan: Sendable {
    let name: String
    let http: NodeURL
    /// All that it listens on.
    let addresses: [NodeAddress]
    /// The file that it is started with.
    let configuration: String
    /// `PATH=VALUE` of every `--set`.
    let overrides: [String]
    let dataFolder: String
    /// Everything, with defaults filled in.
    let effective: JSONValue

    /// Has the program check a file and say what it means: strategies that only it knows are no matter.
    static func read(
        _ configuration: String, program: String, overrides: [String], folder: ClusterFolder
    ) throws(ClusterError) -> NodePlan {
        let settings = overrides.flatMap { ["--set", $0] }
        let checked = try ClusterError.of { () throws(ProcessError) in
            try CommandOutput.run([program, "--config", configuration] + settings + ["--check"], within: .seconds(30))
        }
        guard checked.status == 0 else {
            let said = checked.errors.isEmpty ? "\(program) --check ended with \(checked.status)" : checked.errors
            throw .configuration(said.split(separator: "\n").joined(separator: "\n"))
        }
        guard let effective = JSONValue(parsing: Array(checked.output.utf8)),
            let name = effective["node"]["name"].text, let http = effective["node"]["http"].text.flatMap(NodeURL.init),
            let data = effective["node"]["dataFolder"].text
        else { throw .failure("\(program) --check printed no configuration of a node") }
        return NodePlan(
            name: name, http: http, addresses: NodeAddress.all(in: effective["node"]), configuration: configuration,
            overrides: overrides,
            dataFolder: data.hasPrefix("/") ? data : "\(folder.path)/\(data)", effective: effective)
    }

    /// Another node's file, in the same cluster, for a node that is to join it.
    /// - Parameter addresses: its own, one for each of this node's.
    func file(named name: String, addresses: [NodeAddress]) -> JSONValue {
        var members = effective.members
        guard let index = members.firstIndex(where: { $0.name == "node" }) else { return effective }
        var replaced: [String: JSONValue] = [
            "name": .string(name), "dataFolder": .string("data/\(name)"), "logFile": .string(""),
        ]
        for address in addresses { replaced[address.kind] = .string(address.url.authority) }
        members[index].value = .object(
            members[index].value.members.map { member in
                JSONValue.Member(name: member.name, value: replaced[member.name] ?? member.value)
            })
        return .object(members)
    }

    /// The names and addresses that its file gives the members that the cluster began with, whether they run or not.
    var firstMembers: [(name: String, addresses: [NodeAddress])] {
        effective["cluster"]["members"].elements.map { ($0["name"].text ?? "", NodeAddress.all(in: $0)) }
    }
}

/// A whole cluster that is to be run.
package struct ClusterPlan: Sendable {
    package var nodes: [NodePlan]
    let program: String
    let overrides: [String]

    /// From files that are there.
    package static func read(
        _ files: [String], program: String, overrides: [String], folder: ClusterFolder
    ) throws(ClusterError) -> ClusterPlan {
        var nodes: [NodePlan] = []
        var problems: [ClusterError] = []
        for file in files {
            do throws(ClusterError) {
                nodes.append(try NodePlan.read(file, program: program, overrides: overrides, folder: folder))
            } catch {
                problems.append(error)
            }
        }
        if let first = problems.first {
            let all = problems.map(\.description).joined(separator: "\n")
            throw first.status == 78 ? .configuration(all) : .failure(all)
        }
        for (index, node) in nodes.enumerated() {
            let earlier = nodes[..<index]
            guard !earlier.contains(where: { $0.name == node.name }) else {
                throw .configuration("\(node.configuration): the name \(node.name) is another node's already")
            }
        }
        return ClusterPlan(nodes: nodes, program: program, overrides: overrides)
    }

    /// The cluster that has data in the folder, with the nodes that were added to it and without those that left.
    /// - Returns: `nil` where there is none.
    package static func remembered(
        program: String, overrides: [String], folder: ClusterFolder
    ) throws(ClusterError) -> ClusterPlan? {
        guard let text = Files.text(folder.nodeList), let list = JSONValue(parsing: Array(text.utf8)) else {
            return nil
        }
        let files = list.elements.compactMap(\.text)
        guard !files.isEmpty, files.allSatisfy(Files.exists) else { return nil }
        let plan = try read(files, program: program, overrides: overrides, folder: folder)
        return plan.nodes.contains { Files.exists("\($0.dataFolder)/identity") } ? plan : nil
    }

    package static let nodeRange = 1...26

    /// Writes files for so many nodes, on ports that follow one another; any free ones where the first is 0.
    package static func generate(
        _ count: Int, firstHTTP: Int, firstPeer: Int, program: String, overrides: [String], folder: ClusterFolder
    ) throws(ClusterError) -> ClusterPlan {
        guard nodeRange.contains(count) else {
            throw .usage("--nodes is \(count), expected \(nodeRange.lowerBound) to \(nodeRange.upperBound)")
        }
        try folder.make()
        try Files.makeFolder("\(folder.run)/config")
        func port(_ first: Int, _ index: Int) throws(ClusterError) -> Int {
            if first > 0 { return first + index }
            return try ClusterError.of { () throws(ProcessError) in try FreePorts.take() }
        }
        var members: [JSONValue] = []
        for index in 0..<count {
            members.append(
                .object([
                    .init(name: "name", value: .string(name(index))),
                    .init(name: "peer", value: .string("127.0.0.1:\(try port(firstPeer, index))")),
                    .init(name: "http", value: .string("127.0.0.1:\(try port(firstHTTP, index))")),
                ]))
        }
        var files: [String] = []
        for (index, member) in members.enumerated() {
            let own = member.members + [.init(name: "dataFolder", value: .string("data/\(name(index))"))]
            let cluster: [JSONValue.Member] = [
                .init(name: "name", value: .string("local")), .init(name: "members", value: .array(members)),
            ]
            var document: [JSONValue.Member] = [
                .init(name: "node", value: .object(own)), .init(name: "cluster", value: .object(cluster)),
            ]
            if count < 3 { document.append(.init(name: "replication", value: Self.replication(count))) }
            let path = "run/config/\(name(index)).json"
            try Files.write(JSONValue.object(document).serialized + "\n", to: "\(folder.path)/\(path)")
            files.append(path)
        }
        return try read(files, program: program, overrides: overrides, folder: folder)
    }

    /// For fewer nodes than the default has replicas.
    private static func replication(_ count: Int) -> JSONValue {
        let number = JSONValue.number(String(count))
        return .object(["n", "r", "w"].map { .init(name: $0, value: $0 == "n" ? number : .number("1")) })
    }

    static func name(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))
    }
}
