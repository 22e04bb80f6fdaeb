import StatorCore

/// What a causal store does, in explicit event sets: the records of a few replicas, read and written by quorums.
struct ModelStore {
    enum Bug {
        /// A replica loses its record of a key now and then.
        case losesRecords
        /// A merge of siblings keeps one and claims to know both.
        case dropsSiblings
        /// A write with a context supersedes nothing.
        case ignoresContexts
        /// A delete removes what it superseded from one replica and leaves no tombstone.
        case leavesNoTombstones
    }

    struct Record {
        /// All events, superseded ones included.
        var known: Set<Int> = []
        /// The siblings, tombstones included, in rising order.
        var live: [Int] = []

        mutating func merge(_ other: Record) {
            let kept = live.filter { other.live.contains($0) || !other.known.contains($0) }
            let added = other.live.filter { !live.contains($0) && !known.contains($0) }
            live = (kept + added).sorted()
            known.formUnion(other.known)
        }

        var context: String? { known.isEmpty ? nil : known.sorted().map(String.init).joined(separator: ",") }
    }

    let readQuorum: Int
    let writeQuorum: Int
    let bug: Bug?
    private var replicas: [[String: Record]]

    init(replicas: Int, readQuorum: Int, writeQuorum: Int, bug: Bug? = nil) {
        self.replicas = Array(repeating: [:], count: replicas)
        self.readQuorum = readQuorum
        self.writeQuorum = writeQuorum
        self.bug = bug
    }

    /// Applies a write or delete at one replica, and spreads it to `copies` in all.
    /// - Parameter context: the events that the client's context covers, `nil` for what the replica holds.
    /// - Returns: what it superseded, and the context of the answer.
    mutating func write(
        _ event: Int, _ key: String, context: Set<Int>?, isDelete: Bool, copies: Int,
        _ random: inout RandomGenerator
    ) -> (saw: [Int], context: String?) {
        let order = Array(replicas.indices).shuffled(using: &random)
        var record = replicas[order[0]][key] ?? Record()
        let saw = context ?? record.known
        if context == nil || bug != .ignoresContexts { record.live.removeAll { saw.contains($0) } }
        if isDelete, bug == .leavesNoTombstones {
            replicas[order[0]][key] = record.live.isEmpty ? nil : record
            return (saw.sorted(), record.context)
        }
        record.live.append(event)
        record.live.sort()
        record.known.formUnion(saw)
        record.known.insert(event)
        replicas[order[0]][key] = record
        for replica in order[1..<copies] { merge(record, into: replica, key) }
        return (saw.sorted(), record.context)
    }

    /// Merges the records of a quorum, or of all, and writes the result back.
    mutating func read(_ key: String, fromAll: Bool = false, _ random: inout RandomGenerator) -> Record {
        let order = Array(replicas.indices).shuffled(using: &random)
        let asked = fromAll ? order : Array(order.prefix(readQuorum))
        var record = Record()
        for replica in asked { record.merge(replicas[replica][key] ?? Record()) }
        if bug == .dropsSiblings { record.live = record.live.suffix(1) }
        guard !record.known.isEmpty else { return record }
        for replica in asked { merge(record, into: replica, key) }
        return record
    }

    /// One replica tells another what it holds of a key; a faulty one forgets it.
    mutating func gossip(_ key: String, _ random: inout RandomGenerator) {
        let order = Array(replicas.indices).shuffled(using: &random)
        if bug == .losesRecords, random.chance(0.3) { replicas[order[0]][key] = nil }
        if order.count > 1, let record = replicas[order[0]][key] { merge(record, into: order[1], key) }
    }

    private mutating func merge(_ record: Record, into replica: Int, _ key: String) {
        replicas[replica][key, default: Record()].merge(record)
    }
}
