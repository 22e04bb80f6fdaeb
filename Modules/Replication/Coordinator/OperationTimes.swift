internal import StatorCore

/// Time-outs of the reads and writes under way.
///
/// Nearly every operation ends long before its time. So each carries its times itself, and all that are under way are
/// checked when the earliest time among them comes: a few times a second where operations take milliseconds, where
/// an entry of a queue for each time would cost every operation memory that nothing ever looks at.
extension Coordinator {
    /// Has operations checked at this time, if not before.
    mutating func watch(until due: Instant) {
        if sweepDue.map({ due < $0 }) ?? true { sweepDue = due }
    }

    /// O(operations under way) when the earliest time has come, otherwise O(1).
    mutating func sweep(_ base: inout ShardBase) {
        let now = base.context.now.monotonic
        guard let due = sweepDue, due <= now else { return }
        sweepDue = nil
        var passed: [PassedTime] = []
        writes.forEach { id, operation in
            operation.times.collect(id, at: now, into: &passed)
            if let next = operation.times.next { watch(until: next) }
        }
        reads.forEach { id, operation in
            operation.times.collect(id, at: now, into: &passed)
            if let next = operation.times.next { watch(until: next) }
        }
        passed.sort { $0.isBefore($1) }
        for time in passed {
            switch time.kind {
            case .request: passRequestDeadline(time.id, &base)
            case .replica: passReplicaDeadline(time.id, &base)
            case .hedge: passHedgeDeadline(time.id, &base)
            }
        }
    }

    private mutating func passReplicaDeadline(_ id: RequestID, _ base: inout ShardBase) {
        passWriteReplicaDeadline(id, &base)
        passReadReplicaDeadline(id, &base)
    }
}

/// When an operation is to be looked after.
struct OperationTimes {
    /// It is given up.
    var request: Instant?
    /// Replicas that are still silent are stood in for.
    var replica: Instant?
    /// A read that still waits asks one owner more.
    var hedge: Instant?

    var next: Instant? {
        var earliest = request
        if let replica { earliest = earliest.map { min($0, replica) } ?? replica }
        if let hedge { earliest = earliest.map { min($0, hedge) } ?? hedge }
        return earliest
    }

    /// Takes out what is due.
    mutating func collect(_ id: RequestID, at now: Instant, into passed: inout [PassedTime]) {
        if let due = hedge, due <= now {
            hedge = nil
            passed.append(PassedTime(due: due, id: id, kind: .hedge))
        }
        if let due = replica, due <= now {
            replica = nil
            passed.append(PassedTime(due: due, id: id, kind: .replica))
        }
        if let due = request, due <= now {
            request = nil
            passed.append(PassedTime(due: due, id: id, kind: .request))
        }
    }
}

struct PassedTime {
    enum Kind: Int {
        /// One owner more is asked.
        case hedge
        /// Replicas that are still silent are stood in for.
        case replica
        /// The operation is given up.
        case request
    }

    let due: Instant
    let id: RequestID
    let kind: Kind

    /// By time, then by the order of the requests, then a hedge before a stand-in before the end.
    func isBefore(_ other: PassedTime) -> Bool {
        if due != other.due { return due < other.due }
        if id != other.id { return id < other.id }
        return kind.rawValue < other.kind.rawValue
    }
}
