internal import Composition
internal import NIOCore
internal import NIOHTTP1
internal import NodeClient
internal import Processes
internal import SimulationKit
internal import StatorCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Node processes on loopback, in a folder of their own, started and ended by this process.
///
/// Unchecked: the run that made it and the schedule of its faults take turns, as each waits for what it asked for.
final class LocalCluster: @unchecked Sendable {
    private static let readyLimit = Duration.seconds(60)

    let nodes: [LocalNode]
    let memberCount: Int

    /// Writes the nodes' files.
    /// - Parameters:
    ///   - file: of which the nodes' part counts.
    ///   - sections: the sections of a node's configuration, as the document has them.
    init(
        _ file: SimulationFile, sections: [JSONMember], program: String, folder: String
    ) throws(BenchError) {
        try TextFile.makeFolders(folder)
        var made: [LocalNode] = []
        var members: [[JSONMember]] = []
        for (index, configuration) in file.configurations.enumerated() {
            let (peer, http) = try BenchError.of { () throws(ProcessError) in
                (try FreePorts.take(), try FreePorts.take())
            }
            let name = configuration.nodeID.name
            members.append([
                JSONMember("name", .text(name)),
                JSONMember("peer", .text("127.0.0.1:\(peer)")),
                JSONMember("http", .text("127.0.0.1:\(http)")),
                JSONMember("zone", .text("zone-\(index % file.cluster.zones)")),
            ])
            made.append(LocalNode(name: name, port: http, program: program, folder: folder))
        }
        nodes = made
        memberCount = file.cluster.nodes
        let cluster = JSONValue.object([
            // Nodes of another cluster that found one of these ports would be refused.
            JSONMember("name", .text("bench-\(getpid())-\(members.count)-\(made[0].url.port)")),
            JSONMember("members", .array(members.prefix(file.cluster.nodes).map { .object($0) })),
        ])
        for member in members {
            guard case .text(let name)? = member["name"] else { continue }
            let node = JSONValue.object(
                member + [
                    JSONMember("shards", .integer(file.cluster.shards)),
                    JSONMember("dataFolder", .text("\(folder)/data/\(name)")),
                    JSONMember("logLevel", .text("warning")),
                ])
            let document = JSONValue.object([JSONMember("node", node), JSONMember("cluster", cluster)] + sections)
            try TextFile.write(Array(document.text(pretty: true).utf8), to: "\(folder)/\(name).json")
        }
    }

    var urls: [NodeURL] { nodes.prefix(memberCount).map(\.url) }

    func start() async throws(BenchError) {
        for node in nodes { try node.start() }
        let deadline = ContinuousClock.now + Self.readyLimit
        for (index, node) in nodes.enumerated() {
            while !(await isServing(node, isMember: index < memberCount)) {
                if let end = node.unexpectedEnd { throw .failure(end) }
                guard ContinuousClock.now < deadline, !Task.isCancelled else {
                    throw .failure("node \(node.name) is not ready after 60 s; \(node.lastWords)")
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Members also have to be linked to one another.
    private func isServing(_ node: LocalNode, isMember: Bool) async -> Bool {
        guard let ready = try? await HTTPClient.send(HTTPCall(target: "/ready", timeout: .seconds(2)), to: node.url)
        else { return false }
        guard isMember else { return true }
        guard ready.status == 200, let stats = await page("/stats", of: node) else { return false }
        return (stats["transport"]["links_up"].integer ?? 0) >= memberCount - 1
    }

    func page(_ target: String, of node: LocalNode) async -> NodeClient.JSONValue? {
        let answer = try? await HTTPClient.send(HTTPCall(target: target, timeout: .seconds(5)), to: node.url)
        return answer?.status == 200 ? answer?.json : nil
    }

    var unexpectedEnds: [String] { nodes.compactMap(\.unexpectedEnd) }

    func end() async {
        for node in nodes { node.resume() }
        await withTaskGroup(of: Void.self) { group in
            for index in nodes.indices { group.addTask { await self.nodes[index].end(SIGTERM) } }
        }
    }

    // MARK: Faults

    /// Carries out the faults at their times, and brings back whoever is away when it is over or cancelled.
    func carryOut(_ schedule: [ScheduledFault], lasting span: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for fault in schedule { group.addTask { await self.carryOut(fault, lasting: span) } }
        }
    }

    private func carryOut(_ fault: ScheduledFault, lasting span: Duration) async {
        guard let node = nodes.first(where: { $0.name == fault.node }) else { return }
        do { try await Task.sleep(for: fault.at) } catch { return }
        switch fault.kind {
        case .join, .leave:
            let action = fault.kind == .join ? "/admin/join" : "/admin/leave"
            _ = try? await HTTPClient.send(HTTPCall(method: .POST, target: action, timeout: .seconds(30)), to: node.url)
            return
        case .pause: node.pause()
        case .stop: await node.end(SIGTERM)
        case .crash, .wipe: await node.end(SIGKILL)
        default: return
        }
        // Until its end or that of the measured span, whichever comes first.
        try? await Task.sleep(for: min(fault.length, max(.zero, span - fault.at)))
        switch fault.kind {
        case .pause: node.resume()
        case .wipe:
            node.wipe()
            try? node.start()
        default: try? node.start()
        }
    }
}
