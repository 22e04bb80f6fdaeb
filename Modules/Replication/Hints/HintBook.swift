internal import DequeModule
internal import StatorCore

/// What this shard knows of the hints that it keeps: for each target which keys wait, in the order of their arrival.
/// The hints themselves are in the hint store.
///
/// Every hint is counted once: created + carriedOver = pending + delivered + covered + superseded + cancelled.
struct HintBook {
    struct Entry {
        let token: Token
        let key: Key
        var digest: Digest
        var bytes: Int
        /// From when it waits, by this node's running time: for what replaces a hint, from when that did.
        var since: Instant
        /// How often its delivery was refused in a row, and until when it is left alone for that.
        fileprivate(set) var refusals = 0
        fileprivate(set) var retryAt: Instant?
        /// Owners that hold it already though its target does not, and the epoch in which they were owners.
        var sharing = HintSharing()
        /// Tells the entry's place in the order from places that an earlier hint of the key left behind.
        fileprivate var place: UInt64 = 0

        init(token: Token, key: Key, digest: Digest, bytes: Int, since: Instant) {
            self.token = token
            self.key = key
            self.digest = digest
            self.bytes = bytes
            self.since = since
        }
    }

    private struct Backlog {
        let target: NodeID
        var entries: [Key: Entry] = [:]
        /// Keys in order of arrival; places of hints that are gone are skipped.
        var order = Deque<(key: Key, place: UInt64)>()
        var nextPlace: UInt64 = 0
        var bytes = 0
        /// How long its oldest hint had waited when that was last looked at.
        var age = Duration.zero
    }

    /// Sorted by target.
    private var backlogs: [Backlog] = []

    var targets: [NodeID] { backlogs.filter { !$0.entries.isEmpty }.map(\.target) }

    private func index(of target: NodeID) -> Int? { backlogs.firstIndex { $0.target == target } }

    private mutating func madeIndex(of target: NodeID) -> Int {
        if let found = index(of: target) { return found }
        let position = backlogs.firstIndex { target < $0.target } ?? backlogs.count
        backlogs.insert(Backlog(target: target), at: position)
        return position
    }

    func entry(_ target: NodeID, _ key: Key) -> Entry? {
        index(of: target).flatMap { backlogs[$0].entries[key] }
    }

    /// - Returns: whether an older hint of the same key and target was replaced.
    mutating func insert(_ target: NodeID, _ entry: Entry) -> Bool {
        let position = madeIndex(of: target)
        let old = backlogs[position].entries[entry.key]
        var placed = entry
        placed.place = old?.place ?? backlogs[position].nextPlace
        if let old { placed.since = min(old.since, entry.since) }
        if old == nil {
            backlogs[position].order.append((entry.key, placed.place))
            backlogs[position].nextPlace += 1
        }
        backlogs[position].entries[entry.key] = placed
        backlogs[position].bytes += entry.bytes - (old?.bytes ?? 0)
        return old != nil
    }

    mutating func remove(_ target: NodeID, _ key: Key) -> Bool {
        guard let position = index(of: target), let old = backlogs[position].entries.removeValue(forKey: key) else {
            return false
        }
        backlogs[position].bytes -= old.bytes
        return true
    }

    /// Takes the next waiting hint of a target and puts it at the end of the order, so that one that cannot be
    /// delivered does not hold up the others. O(1) amortised.
    mutating func rotate(_ target: NodeID) -> Entry? {
        guard let position = index(of: target) else { return nil }
        while let next = backlogs[position].order.popFirst() {
            guard let entry = backlogs[position].entries[next.key], entry.place == next.place else { continue }
            backlogs[position].order.append(next)
            return entry
        }
        return nil
    }

    /// Notes that owners hold a hint; nothing where it was replaced meanwhile.
    mutating func noteShared(_ target: NodeID, _ key: Key, _ digest: Digest, with owner: NodeID, in epoch: Epoch) {
        guard let position = index(of: target), backlogs[position].entries[key]?.digest == digest else { return }
        backlogs[position].entries[key]?.sharing.note(owner, in: epoch)
    }

    /// Notes that a hint was refused, and leaves it alone for a while; nothing where it was replaced meanwhile.
    mutating func noteRefused(_ target: NodeID, _ key: Key, _ digest: Digest, until retryAt: Instant) {
        guard let position = index(of: target), backlogs[position].entries[key]?.digest == digest else { return }
        backlogs[position].entries[key]?.refusals += 1
        backlogs[position].entries[key]?.retryAt = retryAt
    }

    /// Looks how long hints have waited. O(hints).
    /// - Returns: the age of each target's oldest hint, by target, sorted.
    mutating func takeAges(at now: Instant) -> [(target: NodeID, age: Duration)] {
        for position in backlogs.indices {
            // ordered: a minimum is the same in any order
            let oldest = backlogs[position].entries.values.reduce(now) { min($0, $1.since) }
            backlogs[position].age = now.elapsed(since: oldest)
        }
        return backlogs.filter { !$0.entries.isEmpty }.map { ($0.target, $0.age) }
    }

    func count(for target: NodeID) -> Int { index(of: target).map { backlogs[$0].entries.count } ?? 0 }

    var totalBytes: Int { backlogs.reduce(0) { $0 + $1.bytes } }

    var totalCount: Int { backlogs.reduce(0) { $0 + $1.entries.count } }

    /// What waits, by target, sorted.
    var summary: [HintBacklog] {
        backlogs.filter { !$0.entries.isEmpty }.map {
            HintBacklog(target: $0.target, count: $0.entries.count, bytes: $0.bytes, age: $0.age)
        }
    }
}

/// Which owners hold a hint that its target could not be given.
struct HintSharing {
    private var epoch = Epoch(0)
    private var owners: [NodeID] = []

    func holds(_ owner: NodeID, in epoch: Epoch) -> Bool { epoch == self.epoch && owners.contains(owner) }

    mutating func note(_ owner: NodeID, in epoch: Epoch) {
        if epoch != self.epoch {
            self.epoch = epoch
            owners.removeAll()
        }
        if !owners.contains(owner) { owners.append(owner) }
    }
}
