import StatorCore

/// Sums the records of token ranges that the index has no node for, from listings. Keeps sums only.
struct RangeSummer {
    struct Part {
        let range: TokenRange
        var sum: UInt64 = 0
    }

    /// Complete once ``next()`` is `nil`.
    private(set) var parts: [Part]
    private var current = 0
    private var after: ScanCursor?

    init(_ ranges: [TokenRange]) {
        parts = ranges.map { Part(range: $0) }
    }

    func next() -> (range: TokenRange, after: ScanCursor?)? {
        current < parts.count ? (parts[current].range, after) : nil
    }

    mutating func listed(_ entries: [RecordMetadata], next: ScanCursor?) {
        guard current < parts.count else { return }
        for entry in entries { parts[current].sum &+= RecordSum.of(entry) }
        after = next
        if next == nil { current += 1 }
    }
}
