import Composition
import ConflictResolution
import Hashing
import NIOCore
import Partitioning
import Replication
import StatorCore
import Storage
import Testing

/// One shard machine whose messages and storage commands the test carries by hand: what no simulation is sure to meet.
@Suite struct ShardMachineTests {
    private let key = Key(unchecked: ByteBuffer(string: "k"))

    /// The view changed while replicas said "the same as yours": what was theirs is not this read's any more.
    @Test func theSameAsBeforeAChangedViewIsAskedAgain() throws {
        var node = try NodeUnderTest(readFanOut: "all")
        let record = try node.store("v", at: key)
        let asked = node.handle(.client(ClientTicket(1), node.get(key))).reads
        #expect(asked.map(\.to.name).sorted() == ["B", "C"])
        #expect(asked.allSatisfy { $0.read.known == record.digest })
        let id = try #require(asked.first).read.request

        // A owns nothing in the next epoch.
        let again = node.handle(.clusterChanged(node.state(epoch: 2, owners: ["B", "C", "D"]))).reads
        #expect(again.map(\.to.name).sorted() == ["B", "C", "D"])
        for name in ["B", "C"] {
            let effects = node.handle(
                .message(from: NodeID(name), .readReply(id, .same(record.digest, counts: true))))
            #expect(effects.responses.isEmpty, "\(effects)")
            #expect(effects.reads.map(\.to.name) == [name])
        }
        _ = node.handle(.message(from: NodeID("B"), .readReply(id, .held(record, counts: true))))
        let answered = node.handle(.message(from: NodeID("C"), .readReply(id, .held(record, counts: true))))
        guard case .found? = answered.responses.first else {
            Issue.record("answered \(answered)")
            return
        }
    }

    @Test func aQuorumReadAsksAnotherOwnerBeforeOneThatStandsIn() throws {
        var node = try NodeUnderTest(readFanOut: "quorum")
        let record = try node.store("v", at: key)
        let asked = node.handle(.client(ClientTicket(1), node.get(key))).reads
        try #require(asked.count == 1)
        let first = asked[0]
        let others = node.handle(
            .message(from: first.to, .readReply(first.read.request, .refused(.storageFailed)))
        ).reads
        #expect(others.count == 1 && others.allSatisfy { !$0.read.isStandIn && $0.to != first.to })
        let second = try #require(others.first)
        let answered = node.handle(
            .message(from: second.to, .readReply(second.read.request, .same(record.digest, counts: true))))
        guard case .found? = answered.responses.first else {
            Issue.record("answered \(answered)")
            return
        }
    }

    @Test func aSilentWriteTimesOutOnceAndItsStorageIsUsedAgain() throws {
        var node = try NodeUnderTest(readFanOut: "all")
        for round in 1...3 {
            let write = node.put(key, "v\(round)")
            #expect(node.handle(.client(ClientTicket(UInt64(round)), write)).responses.isEmpty)
            var failures: [ClientResponse] = []
            for _ in 0..<30 {
                node.pass(.milliseconds(100))
                failures += node.handle(.timer(.tick)).responses
            }
            #expect(failures == [.failed(.timedOut(answered: 1, needed: 2))])
            #expect(node.machine.isIdle)
        }
    }

    // MARK: Stores on disk

    @Test func aRecordOfLateIsNotLoadedAgain() throws {
        var node = try NodeUnderTest(readFanOut: "all", isOnDisk: true)
        let record = try node.storeOnDisk("v", at: key)
        let read = node.handle(.message(from: NodeID("B"), .read(node.read(key))))
        #expect(read.commands.isEmpty)
        guard case .readReply(_, .held(let held, true))? = read.replies.first else {
            Issue.record("\(read)")
            return
        }
        #expect(held == record)
    }

    @Test func aWriteThatFailedIsLoadedAgain() throws {
        var node = try NodeUnderTest(readFanOut: "all", isOnDisk: true)
        let old = try node.storeOnDisk("v", at: key)
        let writing = node.handle(
            .message(from: NodeID("B"), .write(node.write(try node.record("w", at: key, dot: 2)))))
        guard case (let ticket, .apply)? = writing.commands.first, writing.commands.count == 1 else {
            Issue.record("\(writing)")
            return
        }
        // Who asks meanwhile waits for the outcome.
        let waiting = node.handle(.message(from: NodeID("C"), .read(node.read(key))))
        #expect(waiting.commands.isEmpty && waiting.replies.isEmpty)
        let failed = node.handle(.storage(ticket, .failed(.failed("the disk is full"))))
        guard case (let load, .load)? = failed.commands.first, failed.commands.count == 1 else {
            Issue.record("\(failed)")
            return
        }
        let loaded = node.handle(.storage(load, .loaded(old)))
        guard case .readReply(_, .held(let held, _))? = loaded.replies.first else {
            Issue.record("\(loaded)")
            return
        }
        #expect(held == old)
    }

    /// Tasks that wait for a key and end at once, one after the other: as long as the queue may be, the stack stays flat.
    @Test func aLongQueueOfOneKeyIsNoDeepStack() throws {
        var node = try NodeUnderTest(readFanOut: "all", isOnDisk: true)
        let old = try node.storeOnDisk("v", at: key)
        let next = try node.record("w", at: key, dot: 2)
        let writing = node.handle(.message(from: NodeID("B"), .write(node.write(next))))
        let ticket = try #require(writing.commands.first).ticket
        let count = 50_000
        for number in 0..<count {
            let record = number.isMultiple(of: 2) ? old : next
            let queued = node.handle(.message(from: NodeID("C"), .write(node.write(record))))
            try #require(queued.replies.isEmpty && queued.commands.isEmpty)
        }
        let done = node.handle(.storage(ticket, .applied))
        #expect(done.commands.isEmpty)
        #expect(done.replies.count == count + 1)
        #expect(node.machine.isIdle)
    }
}

private struct NodeUnderTest {
    var machine: ShardMachine
    private let blueprint: NodeBlueprint
    private var outbox = Outbox<ShardEffect>()
    private var clock: Int64 = 1_000_000_000

    struct Effects {
        var reads: [(to: NodeID, read: ReplicaRead)] = []
        var responses: [ClientResponse] = []
        /// Answers to other nodes.
        var replies: [ShardMessage] = []
        var commands: [(ticket: StorageTicket, command: StorageCommand)] = []
    }

    init(readFanOut: String, isOnDisk: Bool = false) throws {
        let members = ["A", "B", "C"].enumerated().map { index, name in
            #"{"name": "\#(name)", "peer": "127.0.0.1:\#(7000 + index)", "http": "127.0.0.1:\#(5000 + index)"}"#
        }
        let json = """
            {"node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"},
            "cluster": {"name": "test", "members": [\(members.joined(separator: ", "))]},
            "replication": {"n": 3, "r": 2, "w": 2, "readFanOut": "\(readFanOut)"},
            "strategies": {"storage": {"kind": "\(isOnDisk ? "log" : "memory")"}, "membership": {"kind": "static"}}}
            """
        blueprint = try NodeConfiguration.load(json: json, registry: .standard).blueprint()
        let identity = NodeIdentity(generation: 1, doubts: [nil])
        machine = ShardMachine(
            blueprint: blueprint, shard: 0, identity: identity, random: RandomGenerator(seed: 1),
            resident: isOnDisk ? nil : try StoresInMemory())
        _ = handle(.started(state(epoch: 1, owners: ["A", "B", "C"])))
        _ = handle(.dotsGranted(DotGrant(lease: DotLease(incarnation: 7, end: DotLease.length), above: 0)))
        for name in ["B", "C", "D"] { _ = handle(.linkChanged(NodeID(name), isUp: true)) }
    }

    /// A view of four members in which these own everything.
    func state(epoch: UInt64, owners: [String]) -> ClusterState {
        let endpoint = Endpoint(host: "127.0.0.1", port: 1)
        let members = ["A", "B", "C", "D"].map { name in
            Member(
                node: NodeID(name), status: .active, zone: "z", weight: 1, peerEndpoint: endpoint,
                httpEndpoint: endpoint)
        }
        let placement = blueprint.partitioner.placement(
            members: members.filter { owners.contains($0.node.name) }, replicas: 3, fallbacks: 0, previous: nil)
        return ClusterState(
            view: View(epoch: Epoch(epoch), members: members), placement: placement, nextPlacement: nil)
    }

    mutating func pass(_ duration: Duration) { clock += duration.nanoseconds }

    mutating func handle(_ event: ShardEvent) -> Effects {
        clock += 1000
        let now = Now(monotonic: Instant(nanoseconds: clock), wall: WallTime(microseconds: clock / 1000))
        machine.handle(event, now: now, outbox: &outbox)
        var effects = Effects()
        var scans: [StorageTicket] = []
        for effect in outbox.drain() {
            switch effect {
            case .send(let node, .read(let read)): effects.reads.append((node, read))
            case .respond(_, let response): effects.responses.append(response)
            case .send(_, let message): effects.replies.append(message)
            case .storage(let ticket, _, .scan): scans.append(ticket)
            case .storage(let ticket, _, let command): effects.commands.append((ticket, command))
            default: break
            }
        }
        for ticket in scans {
            let more = handle(.storage(ticket, .scanned([], next: nil)))
            effects.reads += more.reads
            effects.responses += more.responses
            effects.replies += more.replies
            effects.commands += more.commands
        }
        return effects
    }

    private func token(_ key: Key) -> Token { blueprint.partitioner.hash.token(of: key) }

    func get(_ key: Key) -> ClientRequest { ClientRequest(key: key, token: token(key), operation: .get) }

    func put(_ key: Key, _ value: String) -> ClientRequest {
        let write = VersionWrite(content: Content(form: .raw, bytes: ByteBuffer(string: value)), basis: .held)
        return ClientRequest(key: key, token: token(key), operation: .write(write))
    }

    func read(_ key: Key) -> ReplicaRead {
        ReplicaRead(request: RequestID(2), epoch: Epoch(1), token: token(key), key: key, isStandIn: false)
    }

    func write(_ record: StoredRecord) -> ReplicaWrite {
        ReplicaWrite(request: RequestID(1), epoch: Epoch(1), purpose: .write, record: record, hintFor: nil)
    }

    /// Has the node hold a record that B coordinated.
    mutating func store(_ value: String, at key: Key) throws -> StoredRecord {
        let record = try record(value, at: key, dot: 1)
        _ = handle(.message(from: NodeID("B"), .write(write(record))))
        return record
    }

    /// The same where the store is on disk and empty.
    mutating func storeOnDisk(_ value: String, at key: Key) throws -> StoredRecord {
        let record = try record(value, at: key, dot: 1)
        let loading = handle(.message(from: NodeID("B"), .write(write(record))))
        let applying = handle(.storage(try #require(loading.commands.first).ticket, .loaded(nil)))
        let done = handle(.storage(try #require(applying.commands.first).ticket, .applied))
        #expect(done.replies.count == 1 && done.commands.isEmpty)
        return record
    }

    /// A record that B coordinated.
    func record(_ value: String, at key: Key, dot: UInt64) throws -> StoredRecord {
        let stamp = WriteStamp(
            dot: Dot(actor: Actor(node: NodeID("B"), shard: 0, incarnation: 9), counter: dot),
            wall: WallTime(microseconds: 1))
        let write = VersionWrite(content: Content(form: .raw, bytes: ByteBuffer(string: value)), basis: .held)
        let body = try blueprint.resolver.body(of: write, over: nil, stamp: stamp)
        return StoredRecord(
            token: token(key), key: key, digest: Digest(ofBody: body), isTombstone: false, expiry: nil, body: body)
    }
}
