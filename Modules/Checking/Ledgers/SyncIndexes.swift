package import StatorCore

/// The index of a sync strategy says what the store holds: a session between it and one made anew from the store finds no
/// difference, whenever all applied writes have been told to it.
package struct SyncIndexes: Sendable {
    package static let name = "index"

    /// When a node's index is looked at.
    package enum Occasion: String, Sendable {
        case session = "when it began a session"
        case start = "when it began its first session after a start"
        case end = "at the end"
    }

    private var looks = 0
    private var behind = 0
    private var builder = VerdictBuilder(SyncIndexes.name)

    package init() {}

    /// - Parameters:
    ///   - keys: how many the store holds.
    ///   - difference: what the session found, or `nil` where both are equal.
    package mutating func looked(
        at node: NodeID, shard: Int, _ occasion: Occasion, keys: Int, difference: String?, time: Int64
    ) {
        looks += 1
        guard let difference else { return }
        behind += 1
        builder.violation(
            """
            at \(Text.milliseconds(time)), \(occasion.rawValue), the sync index of \(node)/\(shard) differed from one \
            made of the \(keys) records in its store: \(difference)
            """)
    }

    package func verdict(isPromised: Bool) -> Verdict {
        var builder = builder
        builder.rate("looks at which a sync index differed from its store", behind, of: looks)
        builder.checked = looks
        return builder.verdict(isPromised: isPromised)
    }
}
