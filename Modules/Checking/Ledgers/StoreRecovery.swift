package import StatorCore

/// One submission to one store: which key, and when in the order of the store's submissions.
package struct StoreTicket: Hashable, Sendable {
    fileprivate let slot: Int
    fileprivate let sequence: Int
}

/// What one store of one shard of one node may hold after a crash: of every key its last acknowledged state, or one
/// submitted after it.
///
/// Made for a call at every storage effect of a simulation: a submission costs one dictionary look-up and an append, an
/// acknowledgement no look-up at all (the ticket is an index), a restart O(keys). Digests stand for states; memory is a
/// few words a key and two a submission that nothing has acknowledged yet, at most ``maximumPending`` of them a key.
package struct StoreRecovery: Sendable {
    /// States of a key that are submitted and not acknowledged. Past it the oldest are forgotten and the key may hold
    /// anything until a later one is acknowledged; ``looseKeys`` counts them.
    package static let maximumPending = 256

    /// A state of a key that may come back: a digest, or `nil` where the key is absent.
    fileprivate struct State: Sendable {
        let digest: Digest?
        let sequence: Int
    }

    fileprivate struct Slot: Sendable {
        let key: Key
        /// The last acknowledged state.
        var base: State
        /// Submitted after the base, oldest first.
        var pending: [State] = []
        /// Pending states were forgotten for room: the key may hold anything.
        var isLoose = false
        /// The restart that last found the key.
        var foundAt = 0
    }

    /// Such as `B/0/records`.
    package let name: String
    private var slotOfKey: [Key: Int] = [:]
    private var slots: [Slot] = []
    private var sequence = 0
    /// Up to here a whole store's submissions are acknowledged; applied to a key when it is next looked at.
    private var acknowledgedUpTo = -1
    private var restarts = 0
    /// A wipe or a planned corruption: the next restart may find anything.
    private var isForgotten = false
    private(set) var checkedKeys = 0
    private(set) var looseKeys = 0

    package init(name: String) {
        self.name = name
    }

    /// - Parameter digest: the state given to the store, or `nil` for a removal.
    /// - Complexity: O(1).
    package mutating func submitted(_ key: Key, _ digest: Digest?) -> StoreTicket {
        sequence += 1
        let index = slot(of: key)
        slots[index].settle(upTo: acknowledgedUpTo)
        slots[index].pending.append(State(digest: digest, sequence: sequence))
        if slots[index].pending.count > StoreRecovery.maximumPending { slots[index].forgetOldest() }
        return StoreTicket(slot: index, sequence: sequence)
    }

    /// This submission, and all of its key before it, became durable. A ticket from before the last restart counts for
    /// nothing.
    /// - Complexity: O(submissions of the key that were pending).
    package mutating func acknowledged(_ ticket: StoreTicket) {
        guard slots.indices.contains(ticket.slot) else { return }
        slots[ticket.slot].settle(upTo: ticket.sequence)
    }

    /// This submission and all before it, of whatever key, became durable: the end of a sync. O(1).
    package mutating func acknowledgedAll(upTo ticket: StoreTicket) {
        acknowledgedUpTo = max(acknowledgedUpTo, ticket.sequence)
    }

    /// The node was wiped, or its files were corrupted on purpose: until the next restart was looked at, nothing is
    /// expected of the store.
    package mutating func forgotten() {
        isForgotten = true
    }

    private mutating func slot(of key: Key) -> Int {
        if let index = slotOfKey[key] { return index }
        slots.append(Slot(key: key, base: State(digest: nil, sequence: -1)))
        slotOfKey[key] = slots.count - 1
        return slots.count - 1
    }
}

extension StoreRecovery {
    /// Looks at what the store holds after a restart and goes on from it.
    ///
    /// - Parameters:
    ///   - found: all records that it holds, each key once.
    ///   - lostPower: true where the machine crashed: what was found is what the disk holds, and stays. False where only
    ///     the process ended: a later power cut may still take back what was not acknowledged.
    mutating func restarted(found: [(key: Key, digest: Digest)], lostPower: Bool, _ builder: inout VerdictBuilder) {
        restarts += 1
        for record in found {
            let index = slot(of: record.key)
            slots[index].settle(upTo: acknowledgedUpTo)
            slots[index].foundAt = restarts
            look(at: index, found: record.digest, lostPower, &builder)
        }
        for index in slots.indices where slots[index].foundAt != restarts {
            slots[index].settle(upTo: acknowledgedUpTo)
            look(at: index, found: nil, lostPower, &builder)
        }
        isForgotten = false
    }

    private mutating func look(
        at index: Int, found digest: Digest?, _ lostPower: Bool, _ builder: inout VerdictBuilder
    ) {
        if isForgotten || slots[index].isLoose {
            looseKeys += 1
        } else {
            checkedKeys += 1
            if !slots[index].allows(digest) { report(slots[index], found: digest, &builder) }
        }
        guard lostPower || isForgotten else { return }
        slots[index].restart(from: State(digest: digest, sequence: sequence))
    }

    private func report(_ slot: Slot, found digest: Digest?, _ builder: inout VerdictBuilder) {
        func shown(_ digest: Digest?) -> String { digest.map { "\($0)" } ?? "nothing" }
        let later = slot.pending.isEmpty ? "" : " or one of \(slot.pending.count) states submitted after it"
        builder.violation(
            key: slot.key.displayText,
            """
            restart \(restarts) of \(name) found \(shown(digest)) where \(shown(slot.base.digest)) was acknowledged: \
            that\(later) was expected
            """)
    }
}

extension StoreRecovery.Slot {
    fileprivate func allows(_ digest: Digest?) -> Bool {
        digest == base.digest || pending.contains { $0.digest == digest }
    }

    /// Makes the last pending state up to here the acknowledged one.
    fileprivate mutating func settle(upTo limit: Int) {
        guard let last = pending.lastIndex(where: { $0.sequence <= limit }) else { return }
        base = pending[last]
        pending.removeFirst(last + 1)
        isLoose = false
    }

    fileprivate mutating func forgetOldest() {
        pending.removeFirst()
        isLoose = true
    }

    fileprivate mutating func restart(from state: StoreRecovery.State) {
        base = state
        pending.removeAll(keepingCapacity: true)
        isLoose = false
    }
}
