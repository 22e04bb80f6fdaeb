import StatorCore

/// What resolvers accept in bodies and contexts from outside.
///
/// They are wider than what client writes may reach (``StatorCore/Limits``), since repair has to merge whatever came
/// to be, and narrow enough to bound the work on hostile bytes. A merge whose result would exceed them is refused.
enum ResolverLimits {
    /// Siblings of one body: what all who may write a key apart from one another are allowed, together.
    static let siblings = Limits.maximumSiblings * Limits.maximumHolders
    /// Actors of one context or clock.
    static let actors = 4096
    /// The bytes of one value.
    static let contentBytes = Limits.maximumValue
    /// Room that a context's buffer leaves for what the node puts behind it.
    static let contextReserve = 16
    /// Entries that a causality text spells out.
    static let describedEntries = 16
}
