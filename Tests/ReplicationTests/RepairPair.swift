import Composition
import ConflictResolution
import Hashing
import NIOCore
import Partitioning
import StatorCore
import Storage
import Sync

@testable import Replication

/// Two shard machines, A and B, that own everything together, over stores that play ones on disk and count what is read.
/// Time passes when nothing else happens. B is slow: it gets its next message when A has nothing to do.
final class RepairPair {
    final class Node {
        let name: NodeID
        var machine: ShardMachine
        let records: MemoryEngine
        /// Bytes of the records that were loaded.
        fileprivate(set) var bytesLoaded = 0
        fileprivate(set) var mostHeld = 0
        fileprivate var answers: [ShardEvent] = []
        fileprivate var inbox: [ShardMessage] = []
        fileprivate var timers: [ShardTimer: Int64] = [:]

        fileprivate init(_ name: NodeID, _ machine: ShardMachine) throws {
            self.name = name
            self.machine = machine
            records = try MemoryEngine(
                settings: NoSettings(),
                environment: StorageEnvironment(disk: NoDisk(), folder: "/", owner: "test", newStoreID: 7))
        }

        /// Bytes of records in messages that were not taken yet.
        fileprivate var bytesInMessages: Int { inbox.reduce(0) { $0 + RepairPair.bytes(in: $1) } }
    }

    let blueprint: NodeBlueprint
    private(set) var nodes: [Node] = []
    private(set) var bytesOfPages = 0
    private(set) var mostInMessages = 0
    private var clock: Int64 = 1_000_000_000
    /// Messages are lost while it is.
    var isCut = false

    /// - Parameters:
    ///   - doubt: of B.
    ///   - put: writes what the two hold before they start.
    init(doubt: Doubt? = nil, _ put: (RepairPair) throws -> Void) throws {
        let members = ["A", "B"].enumerated().map { index, name in
            #"{"name": "\#(name)", "peer": "127.0.0.1:\#(7000 + index)", "http": "127.0.0.1:\#(5000 + index)"}"#
        }
        let json = """
            {"node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000", "recordCacheBytes": 0},
            "cluster": {"name": "test", "members": [\(members.joined(separator: ", "))]},
            "replication": {"n": 2, "r": 1, "w": 2}, "antiEntropy": {"enabled": false},
            "strategies": {"storage": {"kind": "log"}, "membership": {"kind": "static"}}}
            """
        let configuration = try NodeConfiguration.load(json: json, registry: .standard)
        blueprint = configuration.blueprint()
        for (position, name) in ["A", "B"].enumerated() {
            let identity = NodeIdentity(generation: 1, doubts: [position == 1 ? doubt : nil])
            let machine = ShardMachine(
                blueprint: configuration.configuration(ofMember: position).blueprint(), shard: 0, identity: identity,
                random: RandomGenerator(seed: UInt64(position)))
            nodes.append(try Node(NodeID(name), machine))
        }
        try put(self)
        let view = View(epoch: Epoch(1), members: blueprint.initialMembers)
        let placement = blueprint.partitioner.placement(
            members: view.members, replicas: 2, fallbacks: 0, previous: nil)
        for node in nodes {
            take(.started(ClusterState(view: view, placement: placement, nextPlacement: nil)), at: node)
            let lease = DotLease(incarnation: 7, end: DotLease.length)
            take(.dotsGranted(DotGrant(lease: lease, above: 0)), at: node)
            while work(node) {}
        }
        setLinks(up: true)
    }

    func node(_ name: String) -> Node { nodes[name == "A" ? 0 : 1] }

    func put(_ count: Int, of bytes: Int, named prefix: String, at name: String) throws {
        for number in 0..<count {
            let key = Key(unchecked: ByteBuffer(string: "\(prefix)\(number)"))
            let stamp = WriteStamp(
                dot: Dot(actor: Actor(node: NodeID(name), shard: 0, incarnation: 3), counter: UInt64(number + 1)),
                wall: WallTime(microseconds: 1))
            let content = Content(form: .raw, bytes: ByteBuffer(repeating: UInt8(number & 0xFF), count: bytes))
            let body = try blueprint.resolver.body(
                of: VersionWrite(content: content, basis: .held), over: nil, stamp: stamp)
            let record = StoredRecord(
                token: blueprint.partitioner.hash.token(of: key), key: key, digest: Digest(ofBody: body),
                isTombstone: false, expiry: nil, body: body)
            try node(name).records.apply(.put(record))
        }
    }

    func setLinks(up isUp: Bool) {
        if !isUp { for node in nodes { node.inbox.removeAll() } }
        for node in nodes {
            for other in nodes where other !== node { take(.linkChanged(other.name, isUp: isUp), at: node) }
        }
    }

    func take(_ event: ShardEvent, at node: Node) {
        clock += 1000
        var outbox = Outbox<ShardEffect>()
        let now = Now(monotonic: Instant(nanoseconds: clock), wall: WallTime(microseconds: clock / 1000))
        node.machine.handle(event, now: now, outbox: &outbox)
        for effect in outbox.drain() { carryOut(effect, of: node) }
        node.mostHeld = max(node.mostHeld, node.machine.repairBytesHeld)
        mostInMessages = max(mostInMessages, nodes.reduce(0) { $0 + $1.bytesInMessages })
    }

    /// Runs until nothing is under way, or for so long.
    func run(for duration: Duration = .seconds(600), until isDone: () -> Bool) {
        let end = clock + duration.nanoseconds
        while !isDone(), clock < end {
            if nodes.contains(where: { work($0) }) { continue }
            if let node = nodes.first(where: { !$0.inbox.isEmpty }) {
                let message = node.inbox.removeFirst()
                let sender = node === nodes[0] ? nodes[1].name : nodes[0].name
                take(.message(from: sender, message), at: node)
                continue
            }
            pass()
        }
    }

    var isAtRest: Bool { nodes.allSatisfy { $0.machine.work.isNone && $0.inbox.isEmpty && $0.answers.isEmpty } }

    private func work(_ node: Node) -> Bool {
        guard !node.answers.isEmpty else { return false }
        take(node.answers.removeFirst(), at: node)
        return true
    }

    private func pass() {
        let next = nodes.enumerated().flatMap { index, node in node.timers.map { ($0.value, index, $0.key) } }
            .min { ($0.0, $0.1, "\($0.2)") < ($1.0, $1.1, "\($1.2)") }
        guard let (due, index, timer) = next else {
            clock += 1_000_000
            return
        }
        clock = max(clock, due)
        nodes[index].timers[timer] = nil
        take(.timer(timer), at: nodes[index])
    }

    private func carryOut(_ effect: ShardEffect, of node: Node) {
        switch effect {
        case .send(let target, let message):
            if case .transferPage = message { bytesOfPages += Self.bytes(in: message) }
            if let to = nodes.first(where: { $0.name == target }), !isCut { to.inbox.append(message) }
        case .setTimer(let timer, let duration): node.timers[timer] = clock + duration.nanoseconds
        case .storage(let ticket, let store, let command):
            node.answers.append(.storage(ticket, store == .records ? result(command, at: node) : nothing(command)))
        case .respond, .rangesStreamed, .recovered, .dotsIssued, .dotsForgotten, .log: break
        }
    }

    private func result(_ command: StorageCommand, at node: Node) -> StorageResult {
        do throws(StorageError) {
            switch command {
            case .load(let token, let key):
                let record = try node.records.record(for: key, token: token)
                node.bytesLoaded += record?.bytes ?? 0
                return .loaded(record)
            case .apply(let write):
                try node.records.apply(write)
                return .applied
            case .scan(let range, let cursor, let limit):
                var entries: [RecordMetadata] = []
                let next = node.records.scan(range, after: cursor, limit: limit, into: &entries)
                return .scanned(entries, next: next)
            case .measure(let names):
                return .measured(names.map { node.records.metadata(of: $0.key, token: $0.token)?.bytes ?? 0 })
            }
        } catch {
            return .failed(error)
        }
    }

    /// No hints are kept.
    private func nothing(_ command: StorageCommand) -> StorageResult {
        switch command {
        case .load: .loaded(nil)
        case .apply: .applied
        case .scan: .scanned([], next: nil)
        case .measure(let names): .measured(names.map { _ in 0 })
        }
    }

    static func bytes(in message: ShardMessage) -> Int {
        switch message {
        case .syncPush(_, _, let records), .syncMerged(_, _, let records), .syncPulled(_, _, let records),
            .transferPage(_, .records(let records, _, _)):
            records.reduce(0) { $0 + $1.bytes }
        default: 0
        }
    }
}
