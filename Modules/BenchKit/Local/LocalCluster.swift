package import Composition
package import NodeClient

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A real cluster on 127.0.0.1: a process a node, with its files in one folder, which is removed in the end.
///
/// The bench starts, watches, harms and ends it. Whatever happens to the bench, the processes end with it. What is asked
/// of one node is asked in order; names of nodes that are not there are refused.
package actor LocalCluster {
    /// All nodes, members first.
    package nonisolated let names: [String]
    /// Where each node serves HTTP, in the order of ``names``.
    package nonisolated let urls: [NodeURL]
    /// From the root.
    package nonisolated let folder: String
    nonisolated let program: String
    var nodes: [LocalNode]
    private var hasEnded = false

    /// Takes ports and writes the files; starts nothing.
    /// - Parameters:
    ///   - sections: `replication`, `hints`, `antiEntropy`, `durability` and `strategies` as a node's file has them, as
    ///     far as they are not to be the default; the same for all nodes. A node checks them when it starts.
    ///   - names: of all nodes, members first, each once.
    ///   - outsiders: how many of them, from the end, are no members at first.
    ///   - shards: of each node.
    ///   - zones: failure zones, named `zone-0`, ..., dealt to the nodes in turns.
    ///   - folder: for everything; not there yet, or empty.
    ///   - program: `stator-node`, by its path or its name in PATH.
    /// - Throws: ``LocalError``.
    package init(
        sections: [JSONMember] = [], names: [String], outsiders: Int = 0, shards: Int = 1, zones: Int = 1,
        folder: String, program: String
    ) throws(LocalError) {
        precondition(outsiders >= 0 && names.count > outsiders, "a cluster has a member")
        precondition(shards >= 1 && zones >= 1, "there is a shard and a zone")
        precondition(Set(names).count == names.count, "names are distinct")
        self.program = try ProgramPath.find(program)
        guard let place = ProgramPath.absolute(folder) else {
            throw .notWritable(path: folder, reason: LocalFiles.reason)
        }
        try LocalFiles.makeFolder(place)
        guard LocalFiles.names(in: place)?.isEmpty == true else { throw .folderNotEmpty(place) }
        let ports = try FreePorts.shared.take(2 * names.count)
        let members = names.count - outsiders
        nodes = names.enumerated().map { index, name in
            LocalNode(
                name: name, zone: "zone-\(index % zones)", peerPort: ports[2 * index], httpPort: ports[2 * index + 1],
                folder: place, isMember: index < members)
        }
        self.names = names
        self.folder = place
        urls = nodes.map(\.url)
        do throws(LocalError) {
            for part in ["data", "logs"] { try LocalFiles.makeFolder("\(place)/\(part)") }
            // Of no other cluster's name: a node that is given a port which another had is not taken for it.
            let name = "bench-\(getpid())-\(ports[0])"
            for node in nodes {
                let text = node.file(
                    cluster: name, members: Array(nodes.prefix(members)), shards: shards, sections: sections)
                try LocalFiles.write(text, to: node.configuration)
            }
        } catch {
            FreePorts.shared.giveBack(ports)
            throw error
        }
    }

    deinit {
        // The processes are killed as they are released; nobody has ended the cluster, so its folder stays.
        if !hasEnded { FreePorts.shared.giveBack(nodes.flatMap { [$0.peerPort, $0.httpPort] }) }
    }

    // MARK: Starting and ending

    /// Starts all members, or all nodes. Does not wait until they serve.
    package func start(outsiders: Bool = false) throws(LocalError) {
        for index in nodes.indices where outsiders || nodes[index].isMember { try nodes[index].start(program) }
    }

    package func start(_ name: String) throws(LocalError) {
        try nodes[index(of: name)].start(program)
    }

    /// Ends everything, whatever state it is in: asks the nodes to end, kills those that do not, gives the ports back.
    ///
    /// Works in a task that is cancelled, too. A second call does nothing.
    /// - Parameters:
    ///   - keepsFolder: leaves configurations, data and logs where they are.
    ///   - grace: how long nodes may take before they are killed.
    /// - Throws: ``LocalError/notWritable(path:reason:)`` where the folder cannot be removed; all else is done by then.
    package func end(keepsFolder: Bool = false, grace: Duration = .seconds(10)) async throws(LocalError) {
        guard !hasEnded else { return }
        hasEnded = true
        for index in nodes.indices { nodes[index].look() }
        let running = nodes.enumerated().compactMap { index, node in node.process.map { (index, $0) } }
        let ends = await withTaskGroup(of: (Int, ProcessEnd?).self) { group in
            for (index, process) in running { group.addTask { (index, await process.end(grace: grace)) } }
            var ends: [(Int, ProcessEnd?)] = []
            for await end in group { ends.append(end) }
            return ends
        }
        for (index, end) in ends {
            guard let process = nodes[index].process, let end else { continue }
            // One that had to be killed did not end when it was asked to.
            nodes[index].retire(process, end, wasAsked: true, isExpected: end.isSuccess)
        }
        FreePorts.shared.giveBack(nodes.flatMap { [$0.peerPort, $0.httpPort] })
        if !keepsFolder { try LocalFiles.removeAll(folder) }
    }

    // MARK: Looking

    package func state(of name: String) throws(LocalError) -> LocalNodeState {
        let index = try index(of: name)
        nodes[index].look()
        return nodes[index].state
    }

    /// Processes that ended without having been asked to, since the cluster was made; in the order of ``names``.
    ///
    /// A node that was asked to end but was not able to, or ended with another status than 0, counts too.
    package func unexpectedEnds() -> [UnexpectedEnd] {
        for index in nodes.indices { nodes[index].look() }
        return nodes.flatMap(\.unexpectedEnds)
    }

    /// The last lines of a node's log.
    package func lastLines(of name: String) throws(LocalError) -> [String] {
        try nodes[index(of: name)].lastLines
    }

    func index(of name: String) throws(LocalError) -> Int {
        guard let index = names.firstIndex(of: name) else { throw .unknownNode(name, known: names) }
        return index
    }
}
