import ConflictResolution
import NIOCore
import Replication
import StatorCore
import Sync

/// Draws messages of every shape from a seed.
struct MessageGenerator {
    var random: RandomGenerator

    init(seed: UInt64) {
        random = RandomGenerator(seed: seed)
    }

    static let shardMessageShapes = 19
    static let membershipMessageShapes = 12

    mutating func shardMessage(shape: Int) -> ShardMessage {
        switch shape {
        case 0: .forward(request(), clientRequest())
        case 1: .forwardReply(request(), clientResponse())
        case 2: .write(replicaWrite())
        case 3: .writeReply(request(), flip() ? .stored(hadLive: flip()) : .refused(refusal()))
        case 4:
            .read(ReplicaRead(request: request(), epoch: epoch(), token: token(), key: key(), isStandIn: flip()))
        case 5: .readReply(request(), flip() ? .held(maybe { $0.record() }, counts: flip()) : .refused(refusal()))
        case 6: .explain(request(), token(), key())
        case 7: .explainReply(request(), replicaExplanation())
        case 8:
            .sync(
                SyncPayload(
                    session: session(), epoch: epoch(), range: range(), strategy: "merkle", isFirst: flip(),
                    bytes: bytes(300)))
        case 9: .syncPush(session(), request(), list(5) { $0.record() })
        case 10: .syncMerged(session(), request(), list(5) { $0.record() })
        case 11: .syncPull(session(), request(), list(9) { KeyReference(token: $0.token(), key: $0.key()) })
        case 12: .syncPulled(session(), request(), list(5) { $0.record() })
        case 13: .syncRefused(session(), text())
        case 14:
            .transfer(
                TransferRequest(
                    request: request(), epoch: epoch(), range: range(), after: cursor(), folder: random.next(),
                    isFounder: random.below(2) == 0))
        case 15:
            .cover(
                CoverRequest(
                    request: request(), epoch: epoch(),
                    entries: [coverEntry()] + list(5) { $0.coverEntry() }))
        case 16:
            .coverReply(request(), flip() ? .differing(list(5) { Int($0.random.below(256)) }) : .refused(refusal()))
        case 17: .clock(WallTime(microseconds: Int64(truncatingIfNeeded: random.next())))
        default:
            .transferPage(
                request(),
                flip()
                    ? .records(list(5) { $0.record() }, next: cursor(), source: source()) : .refused(refusal()))
        }
    }

    private mutating func coverEntry() -> CoverRequest.Entry {
        CoverRequest.Entry(token: token(), key: key(), digest: Digest(random.next()))
    }

    mutating func membershipMessage(shape: Int) -> MembershipMessage {
        switch shape {
        case 0: .strategy(kind: "gossip", bytes: bytes(500))
        case 1: .joinRequest(member(node()))
        case 2: .changeRefused(text())
        case 3: .propose(change(), view())
        case 4: .vote(change(), refusal: maybe { $0.text() })
        case 5: .commit(change(), view())
        case 6: .committed(change())
        case 7: .abort(change())
        case 8: .streamed(epoch())
        case 9: .streamedNoted(epoch())
        case 10: .witness(leaseClaim())
        default: .witnessed(leaseClaim(), leaseVerdict())
        }
    }

    mutating func leaseClaim() -> LeaseClaim {
        LeaseClaim(
            lease: DotLease(incarnation: number(), end: number()), follows: maybe { $0.number() },
            isWitnessed: random.below(2) == 0, life: number(), epoch: epoch())
    }

    mutating func leaseVerdict() -> LeaseVerdict {
        switch random.below(3) {
        case 0: .kept
        case 1: .refused(lastLife: maybe { $0.number() })
        default: .otherEpoch(epoch())
        }
    }

    mutating func source() -> TransferSource {
        TransferSource(
            doubt: maybe { Doubt.Cause.allCases[$0.random.below(Doubt.Cause.allCases.count)] }, isFounder: flip(),
            folder: random.next())
    }

    mutating func flip() -> Bool { random.chance(0.5) }

    mutating func maybe<Value>(_ make: (inout MessageGenerator) -> Value) -> Value? {
        flip() ? make(&self) : nil
    }

    mutating func list<Value>(_ maximum: Int, _ make: (inout MessageGenerator) -> Value) -> [Value] {
        var values: [Value] = []
        for _ in 0..<random.below(maximum + 1) { values.append(make(&self)) }
        return values
    }

    mutating func number() -> UInt64 { random.next() >> UInt64(random.below(64)) }

    mutating func bytes(_ maximum: Int, minimum: Int = 0) -> ByteBuffer {
        var buffer = ByteBuffer()
        for _ in 0..<(minimum + random.below(maximum - minimum + 1)) {
            buffer.writeInteger(UInt8(truncatingIfNeeded: random.next()))
        }
        return buffer
    }

    mutating func text() -> String { ["", "why not", "größer als erlaubt 🙂", "a\nb"][random.below(4)] }
    mutating func node() -> NodeID { NodeID(["A", "B", "node-17", "n.2_x"][random.below(4)]) }
    mutating func request() -> RequestID { RequestID(random.next()) }
    mutating func epoch() -> Epoch { Epoch(number()) }
    mutating func token() -> Token { Token(random.next()) }
    mutating func key() -> Key { Key(unchecked: bytes(40, minimum: 1)) }
    mutating func wall() -> WallTime { WallTime(microseconds: Int64(bitPattern: random.next())) }
    mutating func cursor() -> ScanCursor? { maybe { ScanCursor(token: $0.token(), key: $0.key()) } }
    mutating func session() -> SessionID { SessionID(initiator: node(), number: number()) }
    mutating func change() -> ChangeID { ChangeID(proposer: node(), number: number()) }

    mutating func range() -> TokenRange {
        let (one, other) = (token(), token())
        return TokenRange(first: min(one, other), last: max(one, other))
    }

    mutating func record() -> StoredRecord {
        StoredRecord(
            token: token(), key: key(), digest: Digest(random.next()), isTombstone: flip(), expiry: maybe { $0.wall() },
            body: bytes(200))
    }

    mutating func member(_ node: NodeID) -> Member {
        Member(
            node: node, status: MemberStatus.allCases[random.below(3)], zone: text(), weight: 1 + random.below(1000),
            peerEndpoint: Endpoint(host: "10.0.0.\(random.below(256))", port: random.below(65536)),
            httpEndpoint: Endpoint(host: "host", port: random.below(65536)))
    }

    mutating func view() -> View {
        var members: [Member] = []
        for index in 0..<random.below(6) { members.append(member(NodeID("N\(index)"))) }
        return View(epoch: epoch(), members: members)
    }

    mutating func refusal() -> Refusal {
        [.staleEpoch(epoch()), .notOwner, .hintsFull, .overloaded, .storageFailed, .corrupt, .cannotStore][
            random.below(7)]
    }

    mutating func replicaWrite() -> ReplicaWrite {
        ReplicaWrite(
            request: request(), epoch: epoch(), purpose: ReplicaWrite.Purpose.allCases[random.below(3)],
            record: record(), hintFor: maybe { $0.node() })
    }
}
