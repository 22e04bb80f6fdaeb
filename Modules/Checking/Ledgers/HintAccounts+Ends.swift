/// How one hint ended.
package enum HintEnd: Int, Sendable, CaseIterable {
    /// Its target holds it or what supersedes it.
    case delivered
    /// A newer hint for the same target took its place.
    case superseded
    /// Its target owns the key no more, and all who do hold it.
    case covered
    /// It was damaged by a planned fault of the disk.
    case damaged
    case unaccounted
}

/// One hint as it is removed or replaced.
package struct EndedHint: Sendable {
    package var key: Int
    package var holder: Int
    package var target: Int
    /// What it held.
    package var state: Int
    /// What takes its place; ``CopyBook/nothing`` where it is removed.
    package var next: Int
    /// The owners of the key in this epoch and the next, as the holder knows them.
    package var owners: [Int]
    /// Nanoseconds.
    package var time: Int64

    package init(
        key: Int, holder: Int, target: Int, state: Int, next: Int, owners: [Int], time: Int64
    ) {
        self.key = key
        self.holder = holder
        self.target = target
        self.state = state
        self.next = next
        self.owners = owners
        self.time = time
    }
}

extension HintAccounts {
    /// A hint is removed from its store, or replaced.
    package mutating func ended(_ hint: EndedHint, _ book: CopyBook) {
        let end = HintAccounts.account(of: hint, book)
        ends[end.rawValue] += 1
        guard end == .unaccounted else { return }
        let verb = hint.next == CopyBook.nothing ? "removed" : "replaced by an older one"
        builder.violation(
            key: book.name(of: hint.key),
            """
            at \(Text.milliseconds(hint.time)) the hint that \(book.nodes[hint.holder]) kept for \
            \(book.nodes[hint.target]) was \(verb), but neither \(book.nodes[hint.target]) nor all owners \
            (\(book.names(hint.owners))) hold it or what supersedes it\
            \(book.failing(among: [hint.target]))
            """)
    }

    /// A start did not find a hint that was durable and that nobody had removed.
    package mutating func vanished(key: Int, holder: Int, target: Int, time: Int64, _ book: CopyBook) {
        ends[HintEnd.unaccounted.rawValue] += 1
        builder.violation(
            key: book.name(of: key),
            """
            the start of \(book.nodes[holder]) at \(Text.milliseconds(time)) did not find the hint that it kept for \
            \(book.nodes[target])
            """)
    }

    /// At rest a node knows of every hint in its store, or it would never deliver it.
    package mutating func look(at holder: Int, known: Int, stored: Int, time: Int64, _ book: CopyBook) {
        guard known != stored else { return }
        builder.violation(
            "at \(Text.milliseconds(time)) \(book.nodes[holder]) knows of \(known) hints and its store holds \(stored)")
    }

    private static func account(of hint: EndedHint, _ book: CopyBook) -> HintEnd {
        func isHeld(by node: Int) -> Bool {
            let isThere = book.covers(state: hint.state, of: hint.key, by: book.record(of: hint.key, at: node))
            return isThere || book.wasDestroyed(state: hint.state, of: hint.key, at: node)
        }
        if hint.next != CopyBook.nothing, book.covers(state: hint.state, of: hint.key, by: hint.next) {
            return .superseded
        }
        if book.isDoubted(hint.holder) || !book.isKnown(hint.state, of: hint.key) { return .damaged }
        // What was damaged on a disk is met when the hint is delivered, long after.
        if book.wasDestroyed(state: hint.state, of: hint.key, at: hint.holder) { return .damaged }
        if hint.next == CopyBook.nothing {
            if isHeld(by: hint.target) { return .delivered }
            let owners = hint.owners
            if !owners.isEmpty, owners.allSatisfy(isHeld) { return .covered }
        }
        return .unaccounted
    }
}
