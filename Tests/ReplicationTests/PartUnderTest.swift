import Composition
import ConflictResolution
import Hashing
import NIOCore
import Partitioning
import StatorCore
import Storage

@testable import Replication

/// What a part of shard 0 of node A is given: a context of its own, work on keys, hints; and what the test needs to talk
/// about them. Nodes B, C and D can be reached.
struct PartUnderTest {
    let blueprint: NodeBlueprint
    var base: ShardBase
    private var clock: Int64 = 1_000_000_000

    /// - Parameter settings: further sections of the node's JSON, each with a comma before it.
    init(
        isOnDisk: Bool = true, cache: ByteCount = ByteCount(0), resolver: String = "dotted-version-vector",
        _ settings: String = ""
    ) throws {
        let members = ["A", "B", "C"].enumerated().map { index, name in
            #"{"name": "\#(name)", "peer": "127.0.0.1:\#(7000 + index)", "http": "127.0.0.1:\#(5000 + index)"}"#
        }
        let json = """
            {"node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"},
            "cluster": {"name": "test", "members": [\(members.joined(separator: ", "))]},
            "strategies": {"storage": {"kind": "\(isOnDisk ? "log" : "memory")"}, "membership": {"kind": "static"},
            "conflictResolver": {"kind": "\(resolver)"}}
            \(settings)}
            """
        blueprint = try NodeConfiguration.load(json: json, registry: .standard).blueprint()
        let identity = NodeIdentity(generation: 1, doubts: [nil])
        var context = ShardContext(
            blueprint: blueprint, shard: 0, identity: identity, random: RandomGenerator(seed: 1))
        context.isStarting = false
        context.take(DotGrant(lease: DotLease(incarnation: 7, end: DotLease.length), above: 0))
        for name in ["B", "C", "D"] { context.peers.noteLink(NodeID(name), isUp: true) }
        base = ShardBase(
            context: context, keys: KeyWork(resident: isOnDisk ? nil : try StoresInMemory(), cacheLimit: cache))
        base.context.begin(with: state(epoch: 1, owners: ["A", "B", "C"]))
        pass(.zero)
    }

    /// A view of A, B, C and D in which these own everything.
    func state(
        epoch: UInt64, owners: [String], next: [String]? = nil, fallbacks: Int = 0,
        statuses: [String: MemberStatus] = [:]
    ) -> ClusterState {
        let endpoint = Endpoint(host: "127.0.0.1", port: 1)
        let members = ["A", "B", "C", "D"].map { name in
            Member(
                node: NodeID(name), status: statuses[name] ?? .active, zone: "z", weight: 1, peerEndpoint: endpoint,
                httpEndpoint: endpoint)
        }
        func placement(_ owners: [String]) -> Placement {
            blueprint.partitioner.placement(
                members: members.filter { owners.contains($0.node.name) }, replicas: 3, fallbacks: fallbacks,
                previous: nil)
        }
        return ClusterState(
            view: View(epoch: Epoch(epoch), members: members), placement: placement(owners),
            nextPlacement: next.map(placement))
    }

    mutating func pass(_ duration: Duration) {
        clock += duration.nanoseconds + 1000
        base.context.now = Now(
            monotonic: Instant(nanoseconds: clock), wall: WallTime(microseconds: clock / 1000))
    }

    /// What has gone out since this was last asked.
    mutating func effects() -> PartEffects {
        var effects = PartEffects()
        for effect in base.context.outbox.drain() {
            switch effect {
            case .send(let node, let message): effects.sent.append((node, message))
            case .storage(let ticket, let store, let command): effects.commands.append((ticket, store, command))
            case .respond(_, let response): effects.responses.append(response)
            case .setTimer(let timer, _): effects.timers.append(timer)
            case .recovered: effects.hasRecovered = true
            case .rangesStreamed(let epoch): effects.streamed.append(epoch)
            case .log(.warning(let text)): effects.warnings.append(text)
            case .dotsIssued, .dotsForgotten, .log: break
            }
        }
        return effects
    }

    // MARK: Keys and records

    func key(_ name: String) -> Key { Key(unchecked: ByteBuffer(string: name)) }

    /// The name of a key whose first owner a node is, in the order of preference.
    func name(ownedFirstBy node: String) -> String {
        let placement = base.context.cluster?.placement
        return (0..<1000).lazy.map { "k\($0)" }.first {
            placement?.preferenceList(for: token(key($0)))[0] == NodeID(node)
        } ?? "none"
    }

    func storeKey(_ name: String) -> StoreKey { .records(token(key(name)), key(name)) }

    func token(_ key: Key) -> Token { blueprint.partitioner.hash.token(of: key) }

    func put(_ name: String, _ value: String, _ options: RequestOptions = RequestOptions()) -> ClientRequest {
        let write = VersionWrite(content: Content(form: .raw, bytes: ByteBuffer(string: value)), basis: .held)
        return ClientRequest(key: key(name), token: token(key(name)), operation: .write(write), options: options)
    }

    func update(_ name: String, _ update: ValueUpdate) -> ClientRequest {
        ClientRequest(key: key(name), token: token(key(name)), operation: .update(update))
    }

    func get(_ name: String, _ options: RequestOptions = RequestOptions()) -> ClientRequest {
        ClientRequest(key: key(name), token: token(key(name)), operation: .get, options: options)
    }

    /// A record that B coordinated: over nothing, so that records of different dots are siblings.
    func record(_ name: String, _ value: String, dot: UInt64) throws -> StoredRecord {
        let stamp = WriteStamp(
            dot: Dot(actor: Actor(node: NodeID("B"), shard: 0, incarnation: 9), counter: dot),
            wall: WallTime(microseconds: 1))
        let write = VersionWrite(content: Content(form: .raw, bytes: ByteBuffer(string: value)), basis: .held)
        let body = try blueprint.resolver.body(of: write, over: nil, stamp: stamp)
        return StoredRecord(
            token: token(key(name)), key: key(name), digest: Digest(ofBody: body), isTombstone: false, expiry: nil,
            body: body)
    }
}

struct PartEffects {
    var sent: [(to: NodeID, message: ShardMessage)] = []
    var commands: [(ticket: StorageTicket, store: StoreName, command: StorageCommand)] = []
    var responses: [ClientResponse] = []
    var timers: [ShardTimer] = []
    var streamed: [Epoch] = []
    var hasRecovered = false
    var warnings: [String] = []

    var loads: Int { commands.count { if case .load = $0.command { true } else { false } } }
    var applies: Int { commands.count { if case .apply = $0.command { true } else { false } } }

    /// Writes to other nodes.
    var writes: [(to: NodeID, write: ReplicaWrite)] {
        sent.compactMap { if case .write(let write) = $0.message { ($0.to, write) } else { nil } }
    }

    /// Of reads that others are asked for, each once.
    var reads: [RequestID] {
        var found: [RequestID] = []
        for case .read(let read) in sent.map(\.message) where !found.contains(read.request) {
            found.append(read.request)
        }
        return found
    }

    var transfers: [(to: NodeID, request: TransferRequest)] {
        sent.compactMap { if case .transfer(let request) = $0.message { ($0.to, request) } else { nil } }
    }

    var forwards: [(to: NodeID, id: RequestID)] {
        sent.compactMap { if case .forward(let id, _) = $0.message { ($0.to, id) } else { nil } }
    }
}
