import Hashing
import NIOCore
import StatorCore
import Sync

/// Two replicas of one strategy with a delayed, perhaps faulty link and delayed storage between events: the part of the
/// node that carries out a strategy's effects, at the size of a law.
final class SyncLawPair {
    struct Faults {
        var loss = 0.0
        var duplication = 0.0
    }

    final class End {
        let node: NodeID
        let synchronizer: any Synchronizer
        var store = SyncLawStore()
        /// Sessions that this end takes part in, by order of their beginning, with their ranges.
        var open: [(session: SessionID, range: TokenRange)] = []
        var reports: [(session: SessionID, report: SessionReport)] = []

        init(_ node: NodeID, _ synchronizer: any Synchronizer) {
            self.node = node
            self.synchronizer = synchronizer
        }

        func changed(_ change: RecordChange?) {
            if let change { synchronizer.recordsChanged([change]) }
        }
    }

    enum Event {
        case sync(SyncEvent)
        case read(SessionID, ListingID, TokenRange, after: ScanCursor?, limit: Int)
        /// Records from the other end; a pushed one that is stale here goes back merged.
        case records([SyncLawStore.Entry], isPush: Bool)
        case pull([KeyReference])
        case write(KeyReference, UInt64)
    }

    let ends: [End]
    var faults = Faults()
    var random: RandomGenerator
    /// Every byte and count that passed, folded: equal for equal runs.
    private(set) var trace: UInt64 = 14_695_981_039_346_656_037
    private(set) var wireBytes = 0
    private(set) var recordsSent = 0
    /// Effects that break the seam's limits.
    private(set) var breaches: [String] = []
    /// The messages sent, in order; kept for mutation.
    private(set) var messages: [ByteBuffer] = []

    private struct Entry {
        let time: Int
        let number: Int
        let end: Int
        let event: Event
    }
    /// Latest first.
    private var queue: [Entry] = []
    private var now = 0
    private var numbers = 0
    /// When each end's last message arrives at the other: a link keeps their order.
    private var arrivals = [0, 0]
    private var sessions: UInt64 = 0

    init(seed: UInt64, range: TokenRange = .full, make: (SyncEnvironment) -> any Synchronizer) {
        random = RandomGenerator(seed: seed)
        ends = ["left", "right"].map { name in
            let node = NodeID(name)
            return End(node, make(SyncEnvironment(node: node, range: range)))
        }
    }

    func fill(_ end: Int, _ contents: [SyncLawStore.Entry]) {
        ends[end].synchronizer.recordsChanged(ends[end].store.fill(contents))
    }

    func schedule(_ event: Event, at end: Int, after delay: Int) {
        numbers += 1
        let entry = Entry(time: now + delay, number: numbers, end: end, event: event)
        var position = queue.count
        while position > 0, queue[position - 1].time <= entry.time { position -= 1 }
        queue.insert(entry, at: position)
    }

    @discardableResult
    func start(at end: Int, range: TokenRange, after delay: Int = 0) -> SessionID {
        sessions += 1
        let session = SessionID(initiator: ends[end].node, number: sessions)
        schedule(.sync(.start(session, peer: ends[1 - end].node, range: range)), at: end, after: delay)
        return session
    }

    /// Handles events until none is left, or `limit` of them.
    /// - Returns: whether none is left.
    func run(limit: Int = 500_000) -> Bool {
        var handled = 0
        while let entry = queue.popLast() {
            now = entry.time
            handle(entry.event, at: entry.end)
            handled += 1
            if handled >= limit { return false }
        }
        return true
    }

    /// What a node does about sessions whose peer is silent.
    func abandonOpenSessions() {
        for end in ends {
            for (session, _) in end.open {
                var outbox = Outbox<SyncEffect>()
                end.synchronizer.handle(.abandoned(session), outbox: &outbox)
            }
            end.open = []
        }
    }

    func forgetCounts() {
        (wireBytes, recordsSent) = (0, 0)
        messages = []
        for end in ends { end.reports = [] }
    }
}

// MARK: - Events and effects

extension SyncLawPair {
    private func handle(_ event: Event, at end: Int) {
        switch event {
        case .sync(let event):
            note(event, at: end)
            give(event, to: end)
        case .read(let session, let listing, let range, let after, let limit):
            let (entries, next) = ends[end].store.list(range, after: after, limit: limit)
            let answer = SyncEvent.listed(session, listing, entries: entries, next: next)
            schedule(.sync(answer), at: end, after: random.below(5))
        case .records(let records, let isPush): merge(records, isPush: isPush, at: end)
        case .pull(let keys): transmit(records(keys, at: end), isPush: false, from: end)
        case .write(let reference, let version): ends[end].changed(ends[end].store.merge(reference, version))
        }
    }

    func give(_ event: SyncEvent, to end: Int) {
        var outbox = Outbox<SyncEffect>()
        ends[end].synchronizer.handle(event, outbox: &outbox)
        for effect in outbox.drain() { carryOut(effect, at: end) }
    }

    private func note(_ event: SyncEvent, at end: Int) {
        switch event {
        case .start(let session, _, let range), .message(let session, _, let range, _):
            let isKnown = ends[end].open.contains { $0.session == session }
            let isOwn = session.initiator == ends[end].node
            if case .message = event, isOwn { return }
            if !isKnown { ends[end].open.append((session, range)) }
        default: return
        }
    }

    private func carryOut(_ effect: SyncEffect, at end: Int) {
        switch effect {
        case .send(let session, let peer, let bytes):
            expect(peer == ends[1 - end].node, "a message to \(peer)")
            expect(bytes.readableBytes <= SyncLimits.maximumMessage, "a message of \(bytes.readableBytes) bytes")
            wireBytes += bytes.readableBytes
            messages.append(bytes)
            fold(XXHash.xxh3(bytes))
            // A refusal may answer a session that this end does not know, or no longer.
            let range = ends.flatMap(\.open).first { $0.session == session }?.range ?? .full
            transmit(.sync(.message(session, from: ends[end].node, range: range, bytes: bytes)), from: end)
        case .list(let session, let listing, let range, let after, let limit):
            expect((1...SyncLimits.maximumListing).contains(limit), "a listing of \(limit)")
            let open = ends[end].open.first { $0.session == session }
            expect(open.map { $0.range.contains(range) } ?? false, "a listing outside its session")
            fold(range.first.value ^ range.last.value &+ UInt64(limit))
            schedule(.read(session, listing, range, after: after, limit: limit), at: end, after: random.below(20))
        case .push(_, _, let keys):
            expect((1...SyncLimits.maximumKeys).contains(keys.count), "a push of \(keys.count) keys")
            keys.forEach { fold($0.token.value) }
            transmit(records(keys, at: end), isPush: true, from: end)
        case .pull(_, _, let keys):
            expect((1...SyncLimits.maximumKeys).contains(keys.count), "a pull of \(keys.count) keys")
            keys.forEach { fold($0.token.value &+ 1) }
            transmit(.pull(keys), from: end)
        case .finished(let session, let report):
            fold(UInt64(truncatingIfNeeded: report.comparisons &+ report.keysListed << 20))
            ends[end].open.removeAll { $0.session == session }
            ends[end].reports.append((session, report))
        }
    }

    private func records(_ keys: [KeyReference], at end: Int) -> [SyncLawStore.Entry] {
        keys.compactMap { key in
            ends[end].store[key].map { SyncLawStore.Entry(reference: key, version: $0) }
        }
    }

    private func merge(_ records: [SyncLawStore.Entry], isPush: Bool, at end: Int) {
        var newer: [SyncLawStore.Entry] = []
        for record in records {
            ends[end].changed(ends[end].store.merge(record.reference, record.version))
            guard isPush, let merged = ends[end].store[record.reference], merged != record.version else { continue }
            newer.append(SyncLawStore.Entry(reference: record.reference, version: merged))
        }
        transmit(newer, isPush: false, from: end)
    }

    private func transmit(_ records: [SyncLawStore.Entry], isPush: Bool, from end: Int) {
        if records.isEmpty { return }
        recordsSent += records.count
        transmit(.records(records, isPush: isPush), from: end)
    }

    private func transmit(_ event: Event, from end: Int) {
        if faults.loss > 0, random.chance(faults.loss) { return }
        let arrival = max(arrivals[end], now + 1 + random.below(50))
        arrivals[end] = arrival
        schedule(event, at: 1 - end, after: arrival - now)
        if faults.duplication > 0, random.chance(faults.duplication) {
            schedule(event, at: 1 - end, after: arrival - now + random.below(200))
        }
    }

    private func expect(_ holds: Bool, _ breach: @autoclosure () -> String) {
        if !holds, breaches.count < 10 { breaches.append(breach()) }
    }

    private func fold(_ value: UInt64) {
        trace = (trace ^ value) &* 1_099_511_628_211
    }
}
