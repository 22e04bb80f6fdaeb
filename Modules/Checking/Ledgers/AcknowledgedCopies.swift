/// At the moment at which a client is told that its write is stored, as many holders as it asked for have it, or what
/// supersedes it, durably on their disks.
///
/// Holders are the owners of the key, and where the request takes fallbacks, one node for each owner's place that keeps it
/// as a hint for that owner. During a change of the ring there are two sets of owners, and each needs W.
package struct AcknowledgedCopies: Sendable {
    package static let name = "acknowledged-copies"

    /// The owners by one state of the cluster that the coordinator held while the write was under way.
    package typealias OwnerSets = [[Int]]

    private var writes = 0
    private var builder = VerdictBuilder(AcknowledgedCopies.name)

    package init() {}

    /// - Parameters:
    ///   - candidates: by each state that the coordinator held: its owners, and those of the next epoch where there is one.
    ///   - coordinator: for the message.
    package mutating func acknowledged(
        _ write: AcknowledgedWrite, key: Int, candidates: [OwnerSets], coordinator: Int, _ book: CopyBook
    ) {
        writes += 1
        var best = -1
        var bestOwners: [Int] = []
        for sets in candidates {
            let filled = sets.map { owners in
                let needed = min(write.needed, owners.count)
                let places = book.filledPlaces(
                    of: write.number, key: key, owners: owners, isSloppy: !write.isStrict)
                return (owners: owners, missing: max(0, needed - places), places: places)
            }
            guard let worst = filled.max(by: { $0.missing < $1.missing }) else { continue }
            if worst.missing == 0 { return }
            if worst.places > best { (best, bestOwners) = (worst.places, worst.owners) }
        }
        guard best >= 0 else { return }
        let found = book.holders(of: write.number, key: key)
        builder.violation(
            key: book.name(of: key), operations: [write.operation],
            """
            at \(Text.milliseconds(write.time)) the client of operation \(write.operation) was told by \
            \(book.nodes[coordinator]) that \(write.needed) hold it, but \(best) of the owners' places \
            (\(book.names(bestOwners))) are filled: on disk at \(book.names(found.holding))\
            \(book.failing(among: bestOwners))
            """)
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("writes acknowledged before enough disks held them", builder.violationCount, of: writes)
        builder.checked = writes
        return builder.verdict(isPromised: isPromised)
    }
}
