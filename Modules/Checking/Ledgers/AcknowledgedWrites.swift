/// A write or delete that a client was told is stored.
package struct AcknowledgedWrite: Hashable, Sendable {
    /// The operation's id in the history.
    package let operation: Int
    /// Its event's number in the book of copies.
    package let number: Int
    /// How many holders it was told of: the request's W.
    package let needed: Int
    /// Only owners counted to W.
    package let isStrict: Bool
    /// As many owners as it needed held it when it was acknowledged: no hint had to count.
    package let isOnOwners: Bool
    /// Nanoseconds.
    package let time: Int64

    package init(operation: Int, number: Int, needed: Int, isStrict: Bool, isOnOwners: Bool, time: Int64) {
        self.isOnOwners = isOnOwners
        self.operation = operation
        self.number = number
        self.needed = needed
        self.isStrict = isStrict
        self.time = time
    }
}

/// The acknowledged writes of every key that no later one stands for: one that had seen another and was acknowledged by at
/// least as many holders makes that one's copies needless, as each of its own counts for both.
package struct AcknowledgedWrites: Sendable {
    private var byKey: [[AcknowledgedWrite]] = []

    package init() {}

    /// O(writes that stand).
    package mutating func add(_ write: AcknowledgedWrite, to key: Int, _ book: CopyBook) {
        while byKey.count <= key { byKey.append([]) }
        func stands(_ one: AcknowledgedWrite, for other: AcknowledgedWrite) -> Bool {
            one.needed >= other.needed && (one.isStrict || !other.isStrict) && (one.isOnOwners || !other.isOnOwners)
                && book.covers(other.number, of: key, byEvent: one.number)
        }
        guard !byKey[key].contains(where: { stands($0, for: write) }) else { return }
        byKey[key].removeAll { stands(write, for: $0) }
        byKey[key].append(write)
    }

    package subscript(key: Int) -> [AcknowledgedWrite] { key < byKey.count ? byKey[key] : [] }
}
