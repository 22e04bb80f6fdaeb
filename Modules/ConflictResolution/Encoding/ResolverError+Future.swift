import StatorCore

/// No body and no context can know of a write that its actor has yet to issue: it would shadow that write.
extension ResolverError {
    /// - Throws: ``impossibleContext(_:)`` where a client's context knows `dot`'s actor up to `known`, which is `dot` or
    ///   later.
    static func refuseFutureContext(_ known: UInt64?, dot: Dot) throws(ResolverError) {
        guard let known, known >= dot.counter else { return }
        throw .impossibleContext("it knows write \(known) of \(dot.actor), which is about to issue \(dot.counter)")
    }

    /// - Throws: ``body(_:)`` where a stored body does so.
    static func refuseFutureBody(_ known: UInt64?, dot: Dot) throws(ResolverError) {
        guard let known, known >= dot.counter else { return }
        throw .body(.invalid(what: "highest counter of \(dot.actor)", found: "\(known) before it was issued"))
    }
}
