/// A history made ready for the checkers: operations by key in order, each write and delete an event with its causal
/// past, each context resolved to the events that it covers.
///
/// Where the recorder gave `saw` and `shows`, they count. Otherwise the past of a write comes from its context, which
/// is looked up among the contexts that answers about the key carried (``ContextTable``): that of a read covers what the
/// read showed; that of a write covers the write, and perhaps everything that its coordinator held by then. A context
/// covers the pasts of what it covers. A write on what the coordinator held, or with a context from elsewhere, may have superseded
/// anything that started before it was first seen or acknowledged: see ``KeyEvent``.
///
/// - Complexity: O(operations x log) and O(events of the key / 1024) per event; memory as ``PastTable`` says.
package struct IndexedHistory: Sendable {
    package let operations: [HistoryOperation]
    /// In the byte order of keys.
    package let keys: [KeyHistory]
    /// What is wrong with the history itself.
    package let defects: HistoryDefects

    /// - Parameter reapAge: how old a tombstone is at least when it may be reaped, in nanoseconds; `nil` where none was
    ///   in this run. A reaped tombstone, and what it superseded, is missing from answers with `shows` rightly.
    package init(_ history: History, reapAge: Int64? = nil) {
        let operations = history.operations
        self.operations = operations
        var members: [ExactText: [Int]] = [:]
        var ids = SeenIDs()
        var defects = HistoryDefects()
        for index in operations.indices {
            members[ExactText(operations[index].key), default: []].append(index)
            if !ids.insert(operations[index].id) { defects.duplicateIDs.append(operations[index].id) }
        }
        keys = members.keys.sorted().map { key in
            var builder = KeyHistoryBuilder(key.text, operations, members[key] ?? [], reapAge: reapAge)
            let built = builder.build()
            defects.add(built.defects)
            return built
        }
        self.defects = defects
    }
}

/// Ids that came, for finding repeated ones. Rising ones, as recorders give them, cost a comparison.
private struct SeenIDs {
    private var rising: [Int] = []
    private var all: Set<Int>?

    /// - Returns: false where the id came before.
    mutating func insert(_ id: Int) -> Bool {
        if all == nil {
            guard let last = rising.last, id <= last else {
                rising.append(id)
                return true
            }
            all = Set(rising)
        }
        return all?.insert(id).inserted ?? true
    }
}

/// What a recorder got wrong, or could not know.
package struct HistoryDefects: Hashable, Sendable {
    package internal(set) var duplicateIDs: [Int] = []
    /// Ids of writes that stored a value that another write to the key stored too.
    package internal(set) var repeatedValues: [Int] = []
    /// Ids of events whose pasts run in a circle.
    package internal(set) var cyclic: [Int] = []
    /// Ids of events whose `saw` names what is no event of the key.
    package internal(set) var strangeSaw: [Int] = []
    /// Presented contexts that no answer of the history carried.
    package internal(set) var unknownContexts = 0
    /// Events of which the past is known in part only.
    package internal(set) var unknownPasts = 0
    /// Those of them for which memory had no room; see ``PastTable``.
    package internal(set) var unkeptPasts = 0

    mutating func add(_ other: HistoryDefects) {
        duplicateIDs += other.duplicateIDs
        repeatedValues += other.repeatedValues
        cyclic += other.cyclic
        strangeSaw += other.strangeSaw
        unknownContexts += other.unknownContexts
        unknownPasts += other.unknownPasts
        unkeptPasts += other.unkeptPasts
    }
}
