import Composition
import ConflictResolution
import NIOCore
import Partitioning
import Replication
import Simulation
import StatorCore
import Testing

/// A simulated cluster made from JSON as a real one is, and what tests do with it.
final class SimulatedFixture {
    let cluster: SimulatedCluster
    let seed: UInt64
    /// The first node's; the others differ from it in names and endpoints only.
    let blueprint: NodeBlueprint

    /// - Parameters:
    ///   - members: names of the first members; further `outsiders` may be joined later.
    ///   - overrides: as `--set` takes them, for every node.
    ///   - transport: `datagram` where a test is about messages that are lost one by one.
    init(
        members: [String] = ["A", "B", "C", "D"], outsiders: [String] = [], overrides: [String] = [],
        transport: NetworkTransport = .tcp, seed: UInt64 = 1
    ) throws {
        self.seed = seed
        let names = members + outsiders
        func endpoints(_ name: String) -> (peer: String, http: String) {
            let index = names.firstIndex(of: name) ?? 0
            return ("127.0.0.1:\(7000 + index)", "127.0.0.1:\(5000 + index)")
        }
        let list = members.map {
            #"{"name": "\#($0)", "peer": "\#(endpoints($0).peer)", "http": "\#(endpoints($0).http)"}"#
        }
        let blueprints = try names.map { name in
            let json = """
                {"node": {"name": "\(name)", "peer": "\(endpoints(name).peer)", "http": "\(endpoints(name).http)"},
                 "cluster": {"name": "simulated", "members": [\(list.joined(separator: ", "))]},
                 "strategies": {"partitioner": {"kind": "vnode-ring", "tokensPerNode": 16}}}
                """
            return try NodeConfiguration.load(json: json, overrides: overrides, registry: .standard).blueprint()
        }
        blueprint = blueprints[0]
        cluster = SimulatedCluster(blueprints, transport: transport, seed: seed)
    }

    /// Starts the members and waits until all serve.
    func start(_ names: [String]? = nil) throws {
        for name in names.map({ $0.map { NodeID($0) } }) ?? cluster.names { cluster.start(name) }
        let isReady = cluster.run(atMost: .seconds(30)) { cluster.areAllReady }
        try #require(isReady, "not ready: \(cluster.names.compactMap { cluster.notReadyReason(of: $0) }) seed \(seed)")
        letLinksComeUp()
    }

    /// All links between nodes that run and are not cut off.
    func letLinksComeUp() {
        if cluster.transport == .datagram { return cluster.run(for: .milliseconds(10)) }
        let areUp = cluster.run(atMost: .seconds(15)) { cluster.unusableLink == nil }
        #expect(areUp, "\(cluster.unusableLink ?? ""); seed \(seed)")
    }

    // MARK: Requests

    func request(_ key: String, _ operation: ClientOperation, _ options: RequestOptions = RequestOptions()) throws
        -> ClientRequest
    {
        let key = try Key(key)
        return ClientRequest(key: key, token: cluster.token(of: key), operation: operation, options: options)
    }

    @discardableResult
    func carryOut(
        _ operation: ClientOperation, _ key: String, at node: String, _ options: RequestOptions = RequestOptions()
    ) throws -> ClientResponse {
        let ticket = cluster.submit(try request(key, operation, options), to: NodeID(node))
        _ = cluster.run(atMost: .seconds(10)) { cluster.responses[ticket] != nil }
        return try #require(cluster.responses[ticket], "no answer; seed \(seed)")
    }

    @discardableResult
    func put(
        _ key: String, _ value: String, at node: String, basis: WriteBasis = .held,
        _ options: RequestOptions = RequestOptions()
    ) throws -> ClientResponse {
        let content = Content(form: .raw, bytes: ByteBuffer(string: value))
        return try carryOut(.write(VersionWrite(content: content, basis: basis)), key, at: node, options)
    }

    @discardableResult
    func delete(_ key: String, at node: String) throws -> ClientResponse {
        try carryOut(.write(VersionWrite(content: nil, basis: .held)), key, at: node)
    }

    func get(_ key: String, at node: String, _ options: RequestOptions = RequestOptions()) throws -> ClientResponse {
        try carryOut(.get, key, at: node, options)
    }

    /// The live values that a read shows, sorted; empty for not found, `nil` for a failure.
    func values(_ key: String, at node: String, _ options: RequestOptions = RequestOptions()) throws -> [String]? {
        switch try get(key, at: node, options) {
        case .found(let result): result.liveVersions.compactMap { $0.content.map { String(buffer: $0.bytes) } }.sorted()
        case .notFound: []
        default: nil
        }
    }

    func administer(_ action: AdminAction, at node: String) throws -> AdminResponse {
        let ticket = cluster.administer(action, at: NodeID(node))
        _ = cluster.run(atMost: .seconds(30)) { cluster.adminResponses[ticket] != nil }
        return try #require(cluster.adminResponses[ticket], "no answer; seed \(seed)")
    }

    // MARK: State

    func explanation(_ key: String, at node: String) throws -> Explanation {
        guard case .explained(let explanation) = try carryOut(.explain, key, at: node) else {
            throw FixtureError.unexpected
        }
        return explanation
    }

    var hintsWaiting: Int {
        cluster.names.filter { cluster.isUp($0) }.flatMap { cluster.inspection(of: $0) }.flatMap(\.hintsWaiting)
            .reduce(0) { $0 + $1.count }
    }

    /// Whether every key is held with equal digests by exactly the replicas that the placement names.
    func divergentKeys() throws -> [String] {
        let up = cluster.names.filter { cluster.isUp($0) }
        guard let placement = up.lazy.compactMap({ self.cluster.membership(of: $0)?.placement }).first else {
            return []
        }
        var holders: [RecordKey: [NodeID: Digest]] = [:]
        var order: [RecordKey] = []
        for node in up {
            for entry in cluster.records(of: node) {
                let key = RecordKey(token: entry.token, key: entry.key)
                if holders[key] == nil { order.append(key) }
                holders[key, default: [:]][node] = entry.digest
            }
        }
        return order.compactMap { key in
            let owners = placement.preferenceList(for: key.token).replicas
            let digests = owners.map { holders[key]?[$0] }
            let isEqual = digests.allSatisfy { $0 != nil && $0 == digests[0] }
            return isEqual ? nil : key.key.displayText
        }
    }

    struct RecordKey: Hashable {
        let token: Token
        let key: Key
    }

    enum FixtureError: Error { case unexpected }

    /// Checks that every hint is accounted for at every node.
    func expectHintsAddUp() {
        for node in cluster.names where cluster.isUp(node) {
            for shard in cluster.inspection(of: node) {
                let counters = shard.counters
                let pending = shard.hintsWaiting.reduce(0) { $0 + $1.count }
                let ended =
                    counters.hintsDelivered + counters.hintsCovered + counters.hintsSuperseded + counters.hintsCancelled
                #expect(
                    counters.hintsCreated + counters.hintsCarriedOver == pending + ended,
                    "hints of \(node) do not add up; seed \(seed)")
            }
        }
    }
}
