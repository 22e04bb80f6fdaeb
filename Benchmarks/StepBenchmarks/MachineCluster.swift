import Composition
import ConflictResolution
import NIOCore
import Partitioning
import Replication
import StatorCore
import Storage

/// Shard machines that hand each other their messages at once: what coordination costs without loops and sockets.
final class MachineCluster {
    private var machines: [ShardMachine] = []
    private var outbox = Outbox<ShardEffect>()
    private let names: [NodeID]
    private var waiting: [(to: Int, event: ShardEvent)] = []
    private var clock: Int64 = 0
    private(set) var answers = 0

    init(nodes: Int) {
        let members = (0..<nodes).map { index in
            #"{"name": "\#(["A", "B", "C"][index])", "peer": "127.0.0.1:\#(7000 + index)", "#
                + #""http": "127.0.0.1:\#(5000 + index)"}"#
        }
        let json = """
            {"node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"},
            "cluster": {"name": "bench", "members": [\(members.joined(separator: ", "))]},
            "replication": {"n": \(nodes), "r": \(nodes / 2 + 1), "w": \(nodes / 2 + 1), "readFanOut": "hedged"},
            "strategies": {"storage": {"kind": "memory"}, "membership": {"kind": "static"}}}
            """
        let configuration: NodeConfiguration
        do {
            configuration = try NodeConfiguration.load(json: json, registry: .standard)
        } catch {
            preconditionFailure("\(error)")
        }
        names = configuration.members.map { NodeID($0.name) }
        for position in 0..<nodes {
            let blueprint = configuration.configuration(ofMember: position).blueprint()
            let identity = NodeIdentity(generation: 1, doubts: [nil])
            machines.append(
                ShardMachine(
                    blueprint: blueprint, shard: 0, identity: identity, random: RandomGenerator(seed: UInt64(position)),
                    resident: MemoryStores(blueprint)))
        }
        start(configuration.blueprint())
    }

    private func start(_ blueprint: NodeBlueprint) {
        let view = View(epoch: Epoch(1), members: blueprint.initialMembers)
        let placement = blueprint.partitioner.placement(
            members: view.members, replicas: blueprint.replication.replicas, fallbacks: 0, previous: nil)
        let state = ClusterState(view: view, placement: placement, nextPlacement: nil)
        for node in machines.indices {
            take(.started(state), at: node)
            // More counters than any measurement needs.
            let lease = DotLease(incarnation: UInt64(node + 1) << 40, end: 1 << 60)
            take(.dotsGranted(DotGrant(lease: lease, above: 0)), at: node)
        }
        for node in machines.indices {
            for other in names where other != names[node] { take(.linkChanged(other, isUp: true), at: node) }
        }
    }

    /// One request at the first node, until all it sets off is done.
    func submit(_ request: ClientRequest) {
        take(.client(ClientTicket(1), request), at: 0)
    }

    private func take(_ event: ShardEvent, at node: Int) {
        waiting.append((node, event))
        var next = 0
        while next < waiting.count {
            let (node, event) = waiting[next]
            next += 1
            clock += 1000
            let now = Now(monotonic: Instant(nanoseconds: clock), wall: WallTime(microseconds: clock / 1000))
            machines[node].handle(event, now: now, outbox: &outbox)
            for index in outbox.indices { carryOut(outbox.take(index, leaving: .recovered), of: node) }
            outbox.removeAll()
        }
        waiting.removeAll(keepingCapacity: true)
    }

    private func carryOut(_ effect: consuming ShardEffect, of node: Int) {
        switch consume effect {
        case .send(let target, let message):
            guard let to = names.firstIndex(of: target) else { return }
            waiting.append((to, .message(from: names[node], message)))
        case .storage(let ticket, _, .scan): waiting.append((node, .storage(ticket, .scanned([], next: nil))))
        case .storage(let ticket, _, .measure(let names)):
            waiting.append((node, .storage(ticket, .measured(names.map { _ in 0 }))))
        case .respond(_, let response):
            if case .failed(let error) = response { preconditionFailure("\(error)") }
            answers += 1
        default: break
        }
    }
}

/// Two engines in memory.
private final class MemoryStores: ResidentStorage {
    private let records: any StorageEngine
    private let hints: any StorageEngine

    init(_ blueprint: NodeBlueprint) {
        do {
            records = try blueprint.makeStorage(
                StorageEnvironment(disk: NoDisk(), folder: "/records", owner: "test", newStoreID: 7))
            hints = try blueprint.makeStorage(
                StorageEnvironment(disk: NoDisk(), folder: "/hints", owner: "test", newStoreID: 7))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private func engine(_ store: StoreName) -> any StorageEngine { store == .records ? records : hints }

    func record(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> StoredRecord? {
        try engine(store).record(for: key, token: token)
    }

    func body(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> ByteBuffer? {
        try engine(store).body(for: key, token: token)
    }

    func digest(for key: Key, token: Token, in store: StoreName) throws(StorageError) -> Digest? {
        try engine(store).digest(for: key, token: token)
    }

    func apply(_ write: StorageWrite, to store: StoreName) throws(StorageError) { try engine(store).apply(write) }

    func metadata(of key: Key, token: Token, in store: StoreName) -> RecordMetadata? {
        engine(store).metadata(of: key, token: token)
    }
}

extension Steps {
    static func oneNode(_ count: Int, writes: Bool) { run(MachineCluster(nodes: 1), count, writes: writes) }

    static func threeNodes(_ count: Int, writes: Bool) { run(MachineCluster(nodes: 3), count, writes: writes) }

    private static func run(_ cluster: MachineCluster, _ count: Int, writes: Bool) {
        for place in keys.indices { cluster.submit(request(place, writes: true)) }
        for index in 0..<count { cluster.submit(request(index & (keyCount - 1), writes: writes)) }
        precondition(cluster.answers == keyCount + count, "every request is answered")
    }

    private static func request(_ place: Int, writes: Bool) -> ClientRequest {
        let write = VersionWrite(content: Content(form: .raw, bytes: value), basis: .held)
        return ClientRequest(
            key: keys[place], token: tokens[place], operation: writes ? .write(write) : .get,
            options: RequestOptions(isPlain: true))
    }
}
