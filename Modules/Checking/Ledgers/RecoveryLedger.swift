package import StatorCore

/// Every store of a run, and what each must hold after a crash: see ``StoreRecovery``.
///
/// A store gets a number once, and calls give the number: no look-up by name on the way. Its ids are dense, in the
/// order of ``open(_:)``.
package struct RecoveryLedger: Sendable {
    package static let name = "crash-recovery"

    private var stores: [StoreRecovery] = []
    private var restarts = 0
    private var builder = VerdictBuilder(RecoveryLedger.name)

    package init() {}

    /// - Parameters:
    ///   - shard: of the node.
    ///   - store: such as `records` or `hints`.
    /// - Returns: the number that the other calls take.
    package mutating func open(node: NodeID, shard: Int, store: String) -> Int {
        stores.append(StoreRecovery(name: "\(node)/\(shard)/\(store)"))
        return stores.count - 1
    }

    /// A state was given to the store; `nil` removes the key. O(1).
    package mutating func submitted(in store: Int, _ key: Key, _ digest: Digest?) -> StoreTicket {
        stores[store].submitted(key, digest)
    }

    /// The submission became durable, as the store told its node.
    package mutating func acknowledged(in store: Int, _ ticket: StoreTicket) {
        stores[store].acknowledged(ticket)
    }

    /// The submission and all before it became durable. O(1).
    package mutating func acknowledgedAll(in store: Int, upTo ticket: StoreTicket) {
        stores[store].acknowledgedAll(upTo: ticket)
    }

    /// A wipe or a planned corruption: the next restart may find anything.
    package mutating func forgotten(in store: Int) {
        stores[store].forgotten()
    }

    /// Checks what the store holds after a restart; see ``StoreRecovery/restarted(found:lostPower:_:)``. O(keys).
    package mutating func restarted(in store: Int, found: [(key: Key, digest: Digest)], lostPower: Bool = true) {
        restarts += 1
        stores[store].restarted(found: found, lostPower: lostPower, &builder)
    }

    package func verdict(_ promises: Promises) -> Verdict {
        var builder = builder
        let checked = stores.reduce(0) { $0 + $1.checkedKeys }
        builder.rate("keys that a restart did not bring back", builder.violationCount, of: checked)
        builder.measure("restarts", restarts, "restarts")
        builder.measure("keys not looked at", stores.reduce(0) { $0 + $1.looseKeys }, "keys")
        builder.checked = checked
        return builder.verdict(isPromised: promises.crashRecovery)
    }
}
