package import StatorCore

/// A session of anti-entropy as it began: the keys of its range that its ends held differently.
package struct WatchedSession: Sendable {
    package struct Difference: Sendable {
        package let key: Int
        /// What the initiator held durably, and what the other end did.
        package let mine: Int
        package let theirs: Int
    }

    package let initiator: Int
    package let peer: Int
    package let range: TokenRange
    /// Nanoseconds.
    package let begun: Int64
    package let differences: [Difference]

    /// - Parameter keys: the keys in the range.
    package init(initiator: Int, peer: Int, range: TokenRange, begun: Int64, keys: some Sequence<Int>, _ book: CopyBook)
    {
        self.initiator = initiator
        self.peer = peer
        self.range = range
        self.begun = begun
        differences = keys.compactMap { key in
            let (mine, theirs) = (book.record(of: key, at: initiator), book.record(of: key, at: peer))
            return mine == theirs ? nil : Difference(key: key, mine: mine, theirs: theirs)
        }
    }
}

/// A session of which both ends report success left each with all that either held of the range when it began.
///
/// An end that reports success has heard that what it pushed was merged and has been sent what it pulled; what the other end
/// pushes to it, that one answers for. Records only grow, so what clients write meanwhile does not
/// matter where a resolver keeps what is concurrent. Where it does not, a key counts that nobody touched meanwhile: it must
/// be equal. Most sessions begin between equal ends and cost one comparison of numbers a key.
package struct SyncSessions: Sendable {
    package static let name = "sync-sessions"

    private var sessions = 0
    private var differing = 0
    private var unequal = 0
    private let isCausal: Bool
    private var builder = VerdictBuilder(SyncSessions.name)

    /// - Parameter isCausal: the resolver keeps what is concurrent.
    package init(isCausal: Bool) {
        self.isCausal = isCausal
    }

    package mutating func began() { sessions += 1 }

    /// Both ends reported success, and what the session brought has been stored.
    /// - Parameters:
    ///   - end: of the two, the one that is looked at.
    ///   - mayHold: whether that node owns a key, and its disk was not made to forget.
    package mutating func succeeded(
        _ session: WatchedSession, _ id: String, at end: Int, time: Int64, _ book: CopyBook,
        mayHold: (_ key: Int) -> Bool
    ) {
        let other = end == session.initiator ? session.peer : session.initiator
        for difference in session.differences where mayHold(difference.key) {
            let key = difference.key
            let held = book.record(of: key, at: end)
            let isInitiator = end == session.initiator
            let (own, wanted) =
                isInitiator ? (difference.mine, difference.theirs) : (difference.theirs, difference.mine)
            // Dropped since: another ledger's matter.
            if held == CopyBook.nothing && own != CopyBook.nothing { continue }
            guard book.isKnown(wanted, of: key) else { continue }
            differing += 1
            let isWhole =
                isCausal
                ? book.covers(state: wanted, of: key, by: held) && book.covers(state: own, of: key, by: held)
                : held != own || book.record(of: key, at: other) != wanted
            guard !isWhole else { continue }
            unequal += 1
            builder.violation(
                key: book.name(of: key),
                """
                session \(id) of \(book.nodes[session.initiator]) with \(book.nodes[session.peer]) over \
                \(session.range) began at \(Text.milliseconds(session.begun)); both ends reported success, and at \
                \(Text.milliseconds(time)) \(book.nodes[end]) does not hold all that \(book.nodes[other]) held\
                \(book.failing(among: [end, other]))
                """)
        }
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("keys that a session which reported success left different", unequal, of: differing)
        builder.measure("sessions begun", sessions, "sessions")
        builder.checked = differing
        return builder.verdict(isPromised: isPromised)
    }
}
