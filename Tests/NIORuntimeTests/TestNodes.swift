import ConflictResolution
import Logging
import Membership
import NIOCore
import NIOPosix
import Partitioning
import Replication
import StatorCore
import Storage
import Sync
import Synchronization
import Testing

@testable import NIORuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What tests start nodes from.
enum TestNodes {
    static let group = MultiThreadedEventLoopGroup.singleton

    static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// A port of loopback that was free a moment ago.
    /// A port that nobody listens at, below those that the kernel gives to outgoing connections: one of these could take
    /// it, or even reach itself, before a node does.
    static func freePort() async throws -> Int {
        var channel: (any Channel)?
        for _ in 0..<100 where channel == nil {
            let port = Int.random(in: 12_000..<32_000)
            channel = try? await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: port).get()
        }
        let found = try #require(channel, "no port is free")
        let port = try #require(found.localAddress?.port)
        try await found.close().get()
        return port
    }

    static func temporaryFolder() -> String {
        var template = Array("/tmp/stator-test-XXXXXX".utf8CString)
        let made = mkdtemp(&template) != nil
        precondition(made, "no temporary folder")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func member(_ name: String, port: Int) -> Member {
        Member(
            node: NodeID(name), status: .active, zone: "", weight: 1,
            peerEndpoint: Endpoint(host: "127.0.0.1", port: port), httpEndpoint: Endpoint(host: "127.0.0.1", port: 1))
    }

    enum Engine { case memory, log }

    static func blueprint(
        _ member: Member, among members: [Member], cluster: String = "demo", shards: Int = 1, engine: Engine = .memory,
        mode: DurabilitySettings.Mode = .groupCommit
    ) -> NodeBlueprint {
        var replication = ReplicationSettings()
        replication.replicas = min(3, members.count)
        replication.readQuorum = min(2, members.count)
        replication.writeQuorum = min(2, members.count)
        var durability = DurabilitySettings()
        durability.mode = mode
        var antiEntropy = AntiEntropySettings()
        antiEntropy.isPeriodic = false
        return NodeBlueprint(
            cluster: cluster, member: member, initialMembers: members.sorted { $0.node < $1.node }, shards: shards,
            replication: replication, hints: HintSettings(), antiEntropy: antiEntropy, durability: durability,
            partitioner: VNodeRing(settings: VNodeRing.Settings()),
            resolver: DottedVersionVectorResolver(settings: NoSettings()),
            kinds: StrategyKinds(
                partitioner: VNodeRing.kind, conflictResolver: DottedVersionVectorResolver.kind,
                membership: StaticMembership.kind, sync: FullScanSynchronizer.kind,
                storage: engine == .memory ? MemoryEngine.kind : LogEngine.kind),
            membershipGuarantees: StaticMembership.guarantees,
            makeMembership: { StaticMembership(settings: NoSettings(), environment: $0) },
            makeSynchronizer: { FullScanSynchronizer(settings: FullScanSettings(), environment: $0) },
            makeStorage: { (environment) throws(StorageError) in
                switch engine {
                case .memory: return try MemoryEngine(settings: NoSettings(), environment: environment)
                case .log: return try LogEngine(settings: LogSettings(), environment: environment)
                }
            })
    }

    static func runtime(
        _ blueprint: NodeBlueprint, folder: String, allowsFaults: Bool = false
    ) -> NodeRuntime {
        NodeRuntime(
            blueprint: blueprint, dataFolder: folder, allowsFaults: allowsFaults, eventLoopGroup: group,
            logger: logger)
    }

    /// Waits until something holds.
    static func eventually(
        _ what: Comment, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not within \(limit): \(what)")
    }
}

extension NodeRuntime {
    func request(_ key: String, _ operation: ClientOperation) async throws -> ClientResponse {
        let key = try Key(key)
        let request = ClientRequest(key: key, token: token(of: key), operation: operation)
        return await withCheckedContinuation { continuation in
            submit(request) { continuation.resume(returning: $0) }
        }
    }

    func put(_ key: String, _ value: String) async throws -> ClientResponse {
        let content = Content(form: .raw, bytes: ByteBuffer(string: value))
        return try await request(key, .write(VersionWrite(content: content, basis: .held)))
    }

    func value(_ key: String) async throws -> String? {
        guard case .found(let result) = try await request(key, .get) else { return nil }
        return result.liveVersions.first?.content.map { String(buffer: $0.bytes) }
    }

    func inspection() async -> NodeInspection {
        await withCheckedContinuation { continuation in inspect { continuation.resume(returning: $0) } }
    }

    /// Until the machines serve: a write succeeds.
    func waitUntilServing() async throws {
        try await TestNodes.eventually("\(node) serves") {
            if case .stored = try await put("probe", "1") { return true }
            return false
        }
    }
}

extension RuntimeCounters {
    var writeCount: Int { writes.load(ordering: .relaxed) }
    var handshakeCount: Int { handshakes.load(ordering: .relaxed) }
    var connectionCount: Int { connections.load(ordering: .relaxed) }
}
