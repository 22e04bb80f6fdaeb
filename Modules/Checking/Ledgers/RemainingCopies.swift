/// Why a copy is gone.
package enum CopyRemoval: String, Sendable {
    /// The node owns the key no more.
    case drop = "was dropped"
    case hint = "ended as a hint"
    /// A start found less than there was.
    case restart = "was not found at a start"
    /// A record took its place that does not hold all of it.
    case replaced = "was replaced by what does not supersede it"
}

/// Whenever a copy goes, those that remain of every acknowledged write, and those that planned faults of disks destroyed, are
/// still as many as its client was told.
///
/// A copy is a durable record at any node, owner or not, or a hint, that holds the write or what supersedes it: a former
/// owner's counts until it is dropped, and is looked at then: every owner has to hold what it held.
package struct RemainingCopies: Sendable {
    package static let name = "copies"

    private var removals = 0
    private var short = 0
    private var letGo = 0
    private var letGoTooEarly = 0
    /// Writes that were found short, each reported once.
    private var reported: Set<Int> = []
    private var builder = VerdictBuilder(RemainingCopies.name)

    package init() {}

    /// The copy is out of the book already.
    /// - Parameters:
    ///   - replicas: more than these were never asked to keep it.
    ///   - owners: of the key, for the message.
    package mutating func removed(
        _ reason: CopyRemoval, key: Int, at node: Int, _ writes: [AcknowledgedWrite], replicas: Int,
        owners: () -> [Int], time: Int64, _ book: CopyBook
    ) {
        removals += 1
        var isShort = false
        for write in writes {
            let found = book.holders(of: write.number, key: key)
            let needed = min(write.needed, replicas)
            guard found.holding.count + found.destroyed.count < needed else { continue }
            isShort = true
            let failing = book.failing(among: owners())
            guard reported.insert(write.operation).inserted else { continue }
            let destroyed = found.destroyed.isEmpty ? "" : " and was destroyed at \(book.names(found.destroyed))"
            builder.violation(
                key: book.name(of: key), operations: [write.operation],
                """
                at \(Text.milliseconds(time)) a copy at \(book.nodes[node]) \(reason.rawValue): the acknowledged write \
                \(write.operation) is left at \(book.names(found.holding))\(destroyed), \(needed) were told\(failing)
                """)
        }
        if isShort { short += 1 }
    }

    /// A node that owns a key no more removes its record.
    /// - Parameters:
    ///   - state: of the record.
    ///   - owners: of the key now, without that node.
    package mutating func letGo(_ state: Int, of key: Int, by node: Int, owners: [Int], time: Int64, _ book: CopyBook) {
        letGo += 1
        let lacking = owners.filter { owner in
            !book.covers(state: state, of: key, by: book.record(of: key, at: owner))
                && !book.wasDestroyed(state: state, of: key, at: owner)
        }
        guard !lacking.isEmpty else { return }
        letGoTooEarly += 1
        builder.violation(
            key: book.name(of: key),
            """
            at \(Text.milliseconds(time)) \(book.nodes[node]) let its record go, which \(book.names(lacking)) of the owners \
            \(book.names(owners)) did not hold, nor what supersedes it
            """)
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("copies removed that left an acknowledged write with too few", short, of: removals)
        builder.rate("records let go that an owner did not hold", letGoTooEarly, of: letGo)
        builder.checked = removals
        return builder.verdict(isPromised: isPromised)
    }
}
