import NIOCore
import StatorCore
import Sync

/// Two replicas joined by queues without delay or loss: what a session does, step by step, in the plainest setting.
/// The laws in ConformanceKit add delay, loss and writes meanwhile.
final class TestPair {
    struct Position: Hashable, Comparable {
        let token: Token
        let key: Key
        static func < (left: Position, right: Position) -> Bool {
            left.token != right.token ? left.token < right.token : left.key < right.key
        }
    }

    /// A replica whose records are numbers that merge to the larger one.
    final class Replica {
        let node: NodeID
        let synchronizer: any Synchronizer
        private(set) var records: [Position: UInt64] = [:]
        private var sorted: [Position]?

        init(_ name: String, _ make: (SyncEnvironment) -> any Synchronizer, range: TokenRange = .full) {
            node = NodeID(name)
            synchronizer = make(SyncEnvironment(node: node, range: range))
        }

        var positions: [Position] {
            if let sorted { return sorted }
            let all = records.keys.sorted()
            sorted = all
            return all
        }

        func merge(_ position: Position, _ version: UInt64) {
            let old = records[position]
            guard version > old ?? 0 else { return }
            if old == nil { sorted = nil }
            records[position] = version
            synchronizer.recordsChanged([
                RecordChange(
                    token: position.token, key: position.key, old: old.map { Digest($0) }, new: Digest(version))
            ])
        }

        func drop(_ position: Position) {
            guard let old = records.removeValue(forKey: position) else { return }
            sorted = nil
            synchronizer.recordsChanged([
                RecordChange(token: position.token, key: position.key, old: Digest(old), new: nil)
            ])
        }

        func list(_ range: TokenRange, _ after: ScanCursor?, _ limit: Int) -> ([RecordMetadata], ScanCursor?) {
            let all = positions
            var low = 0
            var high = all.count
            while low < high {
                let middle = (low + high) / 2
                let isBefore =
                    all[middle].token < range.first
                    || after.map { ScanCursor(token: all[middle].token, key: all[middle].key) <= $0 } ?? false
                if isBefore { low = middle + 1 } else { high = middle }
            }
            var found: [RecordMetadata] = []
            for position in all[low...] {
                guard position.token <= range.last else { return (found, nil) }
                if found.count == limit { return (found, found.last.map { ScanCursor(token: $0.token, key: $0.key) }) }
                found.append(
                    RecordMetadata(
                        token: position.token, key: position.key, digest: Digest(records[position] ?? 0),
                        isTombstone: false, bytes: 0))
            }
            return (found, nil)
        }
    }

    let left: Replica
    let right: Replica
    /// What crossed between the ends.
    private(set) var messages = 0
    private(set) var bytes = 0
    private(set) var largestMessage = 0
    private(set) var recordsSent = 0
    private(set) var pushesOf: [Position: Int] = [:]
    private(set) var reports: [NodeID: [SessionReport]] = [:]
    private var queue: [(to: NodeID, event: SyncEvent)] = []
    private var sessions: UInt64 = 0
    private var range = TokenRange.full

    init(
        left: (SyncEnvironment) -> any Synchronizer, right: (SyncEnvironment) -> any Synchronizer,
        range: TokenRange = .full
    ) {
        self.left = Replica("left", left, range: range)
        self.right = Replica("right", right, range: range)
    }

    /// Runs one session that `left` starts, to its end.
    func synchronize(_ range: TokenRange = .full) {
        (messages, bytes, largestMessage, recordsSent) = (0, 0, 0, 0)
        (pushesOf, reports) = ([:], [:])
        self.range = range
        sessions += 1
        let session = SessionID(initiator: left.node, number: sessions)
        queue = [(left.node, .start(session, peer: right.node, range: range))]
        var next = 0
        while next < queue.count {
            let (node, event) = queue[next]
            next += 1
            var outbox = Outbox<SyncEffect>()
            replica(node).synchronizer.handle(event, outbox: &outbox)
            for effect in outbox.drain() { carryOut(effect, at: replica(node)) }
        }
    }

    private func replica(_ node: NodeID) -> Replica { node == left.node ? left : right }

    private func carryOut(_ effect: SyncEffect, at end: Replica) {
        switch effect {
        case .send(let session, let peer, let content):
            messages += 1
            bytes += content.readableBytes
            largestMessage = max(largestMessage, content.readableBytes)
            queue.append((peer, .message(session, from: end.node, range: range, bytes: content)))
        case .list(let session, let listing, let range, let after, let limit):
            let (entries, next) = end.list(range, after, limit)
            queue.append((end.node, .listed(session, listing, entries: entries, next: next)))
        case .push(_, let peer, let keys): push(keys, from: end, to: replica(peer))
        case .pull(_, let peer, let keys):
            for key in keys {
                let position = Position(token: key.token, key: key.key)
                guard let version = replica(peer).records[position] else { continue }
                recordsSent += 1
                end.merge(position, version)
            }
        case .finished(_, let report): reports[end.node, default: []].append(report)
        }
    }

    private func push(_ keys: [KeyReference], from sender: Replica, to receiver: Replica) {
        for key in keys {
            let position = Position(token: key.token, key: key.key)
            pushesOf[position, default: 0] += 1
            guard let version = sender.records[position] else { continue }
            recordsSent += 1
            receiver.merge(position, version)
            guard let merged = receiver.records[position], merged != version else { continue }
            recordsSent += 1
            sender.merge(position, merged)
        }
    }
}

extension TestPair.Position {
    init(_ token: UInt64, _ name: String) {
        self.init(token: Token(token), key: Key(unchecked: ByteBuffer(string: name)))
    }

    /// The `number`-th key of a test, at a token drawn for it.
    static func random(_ number: Int, _ random: inout RandomGenerator) -> TestPair.Position {
        TestPair.Position(random.next(), "key-\(number)")
    }
}

func merkle(depth: Int = 16, fanOut: Int = 16) -> (SyncEnvironment) -> any Synchronizer {
    var settings = MerkleSettings()
    settings.depth = depth
    settings.fanOut = fanOut
    return { MerkleSynchronizer(settings: settings, environment: $0) }
}

func fullScan(pageKeys: Int = 1024) -> (SyncEnvironment) -> any Synchronizer {
    var settings = FullScanSettings()
    settings.pageKeys = pageKeys
    return { FullScanSynchronizer(settings: settings, environment: $0) }
}
