/// What a client does next.
package struct WorkloadStep: Hashable, Sendable {
    /// In the order in which their weights are cumulated: seeds keep their meaning only while this stays.
    package enum Kind: Int, CaseIterable, Sendable {
        case read
        /// Reads, then writes with the context of what it read.
        case update
        /// Writes without a context, blindly.
        case heldWrite
        /// Writes and asks for a sibling.
        case siblingWrite
        /// Reads, then deletes with the context of what it read.
        case delete
        /// Writes a key that is new.
        case insert
        /// Reads several consecutive keys: see ``WorkloadPlan/batch(from:inserted:)``.
        case batch
    }

    package let kind: Kind
    /// The key's number. An insert has the number after all that there are: where several clients insert at once the
    /// driver numbers the new keys itself.
    package let key: Int
    /// The size of the value to write, in bytes; without meaning where nothing is written.
    package let valueBytes: Int

    package init(kind: Kind, key: Int, valueBytes: Int) {
        self.kind = kind
        self.key = key
        self.valueBytes = valueBytes
    }
}
