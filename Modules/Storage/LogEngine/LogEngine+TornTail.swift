internal import StatorCore

/// What was read of one segment without a hint's help.
struct ScannedSegment {
    enum Item {
        case entry(LogLocation, Token, Key, isIntact: Bool)
        case damage(Range<Int>)
    }

    let segment: LogSegment
    let start: Int
    var items: [Item] = []

    init(segment: LogSegment, start: Int) {
        self.segment = segment
        self.start = start
    }

    /// Where the entries begin that are later than a sequence number, the file's head included where all of its are;
    /// `nil` where there are none.
    func start(after sequence: UInt64) -> Int? {
        for case .entry(let location, _, _, _) in items where location.sequence > sequence {
            return Int(location.offset) <= segment.header.length ? 0 : Int(location.offset)
        }
        return nil
    }

    var highestSequence: UInt64 {
        var highest: UInt64 = 0
        for case .entry(let location, _, _, _) in items { highest = max(highest, location.sequence) }
        return highest
    }
}

extension LogEngine {
    /// Takes into the index what certainly was written, and cuts off what a crash left of the rest.
    func judge(_ scanned: [ScannedSegment]) throws(DiskError) {
        var tail = TornTail(durable: durableSequence)
        for found in scanned {
            if found.segment.header.kind == .merged {
                takeAll(found)
                continue
            }
            tail.enter(found.segment)
            let keptEnd = takeUntilTorn(found, &tail)
            if tail.isTorn { try cut(found.segment, at: keptEnd) }
        }
    }

    private func takeAll(_ found: ScannedSegment) {
        for item in found.items {
            switch item {
            case .entry(let location, let token, let key, let isIntact):
                take(location, key: key, token: token, in: found.segment)
                if !isIntact { noteDamaged(location, of: found.segment) }
            case .damage(let range): noteDamage(range, of: found.segment)
            }
        }
    }

    /// The head is as it was, so that the index knows whose record is lost.
    private func noteDamaged(_ location: LogLocation, of segment: LogSegment) {
        counts.corruptRecords += 1
        segment.damagedRecords += 1
        segment.damagedBytes += Int(location.length)
    }

    private func noteDamage(_ range: Range<Int>, of segment: LogSegment) {
        counts.corruptRecords += 1
        segment.damagedBytes += range.count
        segment.hint = .refused
    }

    /// - Returns: the offset behind the last entry that was taken.
    private func takeUntilTorn(_ found: ScannedSegment, _ tail: inout TornTail) -> Int {
        var keptEnd = found.start
        for item in found.items where !tail.isTorn {
            switch item {
            case .entry(let location, let token, let key, let isIntact):
                guard tail.accepts(location.sequence, isIntact: isIntact) else { continue }
                take(location, key: key, token: token, in: found.segment)
                if !isIntact { noteDamaged(location, of: found.segment) }
                keptEnd = Int(location.offset) + Int(location.length)
                if keptEnd > found.segment.size { found.segment.isCutShort = true }
            case .damage(let range):
                guard tail.acceptsDamage() else { continue }
                noteDamage(range, of: found.segment)
                keptEnd = range.upperBound
            }
        }
        return keptEnd
    }

    private func cut(_ segment: LogSegment, at end: Int) throws(DiskError) {
        guard end < segment.size || end <= segment.header.length else { return }
        counts.tornBytes += max(0, segment.size - end)
        if end <= segment.header.length {
            closeFile(of: segment)
            try disk.remove(path(segment.number, .hint))
            try disk.remove(path(segment.number, .log))
            segments.removeAll { $0 === segment }
            return
        }
        let file = try disk.open(path(segment.number, .log), creating: false)
        defer { file.close() }
        try file.truncate(to: end)
        try file.sync()
        segment.size = end
    }
}

/// Decides, entry by entry in the order of writing, where a crash tore the log.
struct TornTail {
    let durable: UInt64
    /// The number that would continue the durable prefix.
    private var expected: UInt64
    /// The number that should come next, were nothing missing.
    private var following: UInt64 = 1
    private(set) var isTorn = false

    init(durable: UInt64) {
        self.durable = durable
        expected = durable + 1
    }

    mutating func enter(_ segment: LogSegment) {
        following = max(following, segment.header.sequence, segment.hintedSequence + 1)
    }

    mutating func accepts(_ sequence: UInt64, isIntact: Bool) -> Bool {
        if sequence > durable {
            guard sequence == expected, isIntact else {
                isTorn = true
                return false
            }
            expected += 1
        }
        following = max(following, sequence + 1)
        return true
    }

    /// Damage among durable entries is passed over; behind them it is the tear.
    mutating func acceptsDamage() -> Bool {
        if following > durable { isTorn = true }
        return !isTorn
    }
}
