package import StatorCore

/// What the disks of all nodes hold of every key: the book that the ledgers of copies look into.
///
/// It knows records as sets of events (writes and deletes), by what was seen when each was made, never by the metadata
/// in a record. A *state* is what one record holds; states of a key are numbered, ``nothing`` is the absence of a record.
/// Nodes, keys and states go by number. Memory: a word a key and node, and for every event of a key one bit for each
/// event before it.
package struct CopyBook: Sendable {
    /// The state of a key of which nothing is held.
    package static let nothing = 0

    /// A record that a node keeps for another.
    package struct Hint: Hashable, Sendable {
        package let holder: Int
        package let target: Int
        package var state: Int
    }

    struct State: Sendable {
        let heads: [Int]
        let past: EventPast
        /// Every version of it is known: its events were seen when they were made.
        let isKnown: Bool
        var isStored = false
    }

    /// A copy that is gone, or may be, by a fault of a disk that the run planned.
    struct Destroyed: Sendable {
        let node: Int
        /// The whole disk was replaced; otherwise it may have damaged the copy.
        let isWiped: Bool
        var past: EventPast
    }

    struct Entry: Sendable {
        let key: Key
        let token: Token
        var numbers: [Int: Int] = [:]
        var pasts: [EventPast] = []
        var states: [State] = [State(heads: [], past: EventPast(), isKnown: true)]
        var stateOfDigest: [Digest: Int] = [:]
        /// Events that some store was given as a version of its own.
        var stored = EventPast()
        /// By node.
        var records: [Int32]
        var hints: [Hint] = []
        var destroyed: [Destroyed] = []
    }

    package let nodes: [NodeID]
    private(set) var entries: [Entry] = []
    private(set) var isDoubtful: [Bool]
    /// Nodes one of whose stores has refused or failed a write since they started.
    package var isFailing: [Bool]
    /// Whether a disk was replaced in this run.
    package private(set) var hasWiped = false

    package init(nodes: [NodeID]) {
        self.nodes = nodes
        isDoubtful = nodes.map { _ in false }
        isFailing = isDoubtful
    }

    package var keyCount: Int { entries.count }

    /// - Returns: the key's number.
    package mutating func add(_ key: Key, _ token: Token) -> Int {
        entries.append(Entry(key: key, token: token, records: nodes.map { _ in 0 }))
        return entries.count - 1
    }

    package func token(of key: Int) -> Token { entries[key].token }
    package func name(of key: Int) -> String { entries[key].key.displayText }

    // MARK: Events and states

    /// The number of an event among those of its key, given at its first mention, after all that it had seen.
    /// - Parameter seen: what an event had seen directly: earlier events of the key.
    package mutating func number(of event: Int, key: Int, seen: (Int) -> [Int]) -> Int {
        if let known = entries[key].numbers[event] { return known }
        // Depth first with a stack of its own: chains are as long as a key has writes.
        var pending = [event]
        while let next = pending.last {
            if entries[key].numbers[next] != nil {
                pending.removeLast()
                continue
            }
            let before = seen(next).filter { $0 < next }
            let open = before.filter { entries[key].numbers[$0] == nil }
            guard open.isEmpty else {
                pending += open
                continue
            }
            pending.removeLast()
            var past = EventPast()
            for event in before {
                if let number = entries[key].numbers[event] { past.formUnion(entries[key].pasts[number]) }
            }
            past.insert(entries[key].pasts.count)
            entries[key].numbers[next] = entries[key].pasts.count
            entries[key].pasts.append(past)
        }
        return entries[key].numbers[event] ?? 0
    }

    package func knownState(of key: Int, _ digest: Digest) -> Int? { entries[key].stateOfDigest[digest] }

    /// The state of a record that was not met before.
    /// - Parameters:
    ///   - heads: the events of its versions; `nil` for one that is not known.
    ///   - seen: as for ``number(of:key:seen:)``.
    package mutating func addState(
        of key: Int, _ digest: Digest, heads: [Int?], seen: (Int) -> [Int]
    ) -> Int {
        var numbers: [Int] = []
        var past = EventPast()
        for case let event? in heads {
            let number = number(of: event, key: key, seen: seen)
            numbers.append(number)
            past.formUnion(entries[key].pasts[number])
        }
        let isKnown = heads.allSatisfy { $0 != nil }
        entries[key].states.append(State(heads: numbers, past: past, isKnown: isKnown))
        entries[key].stateOfDigest[digest] = entries[key].states.count - 1
        return entries[key].states.count - 1
    }

    /// Some store is given this state.
    package mutating func noteStored(_ state: Int, of key: Int) {
        guard !entries[key].states[state].isStored else { return }
        entries[key].states[state].isStored = true
        for head in entries[key].states[state].heads { entries[key].stored.insert(head) }
    }

    /// Whether a version of its own was ever made of an event in a store.
    package func wasStored(_ number: Int, of key: Int) -> Bool { entries[key].stored.contains(number) }

    /// Whether a state holds an event or what had seen it.
    package func covers(_ number: Int, of key: Int, by state: Int) -> Bool {
        entries[key].states[state].past.contains(number)
    }

    /// Whether one state holds all that another does, or what had seen it.
    package func covers(state other: Int, of key: Int, by state: Int) -> Bool {
        other == state || entries[key].states[other].heads.allSatisfy { covers($0, of: key, by: state) }
    }

    package func isKnown(_ state: Int, of key: Int) -> Bool { entries[key].states[state].isKnown }

    /// Whether an event had seen another.
    package func covers(_ number: Int, of key: Int, byEvent other: Int) -> Bool {
        entries[key].pasts[other].contains(number)
    }

    // MARK: Copies

    package func record(of key: Int, at node: Int) -> Int { Int(entries[key].records[node]) }

    package mutating func setRecord(of key: Int, at node: Int, to state: Int) {
        entries[key].records[node] = Int32(state)
        if isDoubtful[node] { destroy(state, of: key, at: node, isWiped: false) }
    }

    package func hints(of key: Int) -> [Hint] { entries[key].hints }

    package func hint(of key: Int, at holder: Int, for target: Int) -> Int {
        entries[key].hints.first { $0.holder == holder && $0.target == target }?.state ?? CopyBook.nothing
    }

    package mutating func setHint(of key: Int, at holder: Int, for target: Int, to state: Int) {
        if isDoubtful[holder] { destroy(state, of: key, at: holder, isWiped: false) }
        let index = entries[key].hints.firstIndex { $0.holder == holder && $0.target == target }
        if let index, state == CopyBook.nothing {
            entries[key].hints.remove(at: index)
        } else if let index {
            entries[key].hints[index].state = state
        } else if state != CopyBook.nothing {
            entries[key].hints.append(Hint(holder: holder, target: target, state: state))
        }
    }

    /// A node's disk was replaced by an empty one. O(keys).
    package mutating func wiped(_ node: Int) {
        hasWiped = true
        forget(node, isWiped: true)
        for key in entries.indices {
            entries[key].records[node] = Int32(CopyBook.nothing)
            entries[key].hints.removeAll { $0.holder == node }
        }
        isDoubtful[node] = false
    }

    /// A node's disk was made to damage what it holds, or may damage what it is given from now on. O(keys).
    package mutating func doubted(_ node: Int) {
        forget(node, isWiped: false)
        isDoubtful[node] = true
    }

    package func isDoubted(_ node: Int) -> Bool { isDoubtful[node] }

    private mutating func forget(_ node: Int, isWiped: Bool) {
        for key in entries.indices {
            destroy(record(of: key, at: node), of: key, at: node, isWiped: isWiped)
            for hint in entries[key].hints where hint.holder == node {
                destroy(hint.state, of: key, at: node, isWiped: isWiped)
            }
        }
    }

    private mutating func destroy(_ state: Int, of key: Int, at node: Int, isWiped: Bool) {
        guard state != CopyBook.nothing else { return }
        let past = entries[key].states[state].past
        let index = entries[key].destroyed.firstIndex { $0.node == node && $0.isWiped == isWiped }
        if let index {
            entries[key].destroyed[index].past.formUnion(past)
        } else {
            entries[key].destroyed.append(Destroyed(node: node, isWiped: isWiped, past: past))
        }
    }
}
