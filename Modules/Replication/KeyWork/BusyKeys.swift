internal import DequeModule
internal import StatorCore

/// The keys that somebody is changing, and the tasks that wait for them. Keys are found by their tokens, which are
/// hashes already.
struct BusyKeys {
    /// An object, so that finding one copies nothing. Not shared: a machine is never copied while it runs.
    private final class Entry {
        let key: StoreKey
        var waiting = Deque<KeyTask>()
        /// Another busy key of the same token: hints of a key for several targets.
        var next: Entry?

        init(_ key: StoreKey) {
            self.key = key
        }
    }

    private var entries = NumberTable<Token, Entry>()

    var isEmpty: Bool { entries.isEmpty }

    func contains(_ key: StoreKey) -> Bool { entry(of: key) != nil }

    /// - Returns: whether a task waits for the key.
    func isWaitedFor(_ key: StoreKey) -> Bool {
        guard let entry = entry(of: key) else { return false }
        return !entry.waiting.isEmpty
    }

    private func entry(of key: StoreKey) -> Entry? {
        var candidate = entries[key.token]
        while let entry = candidate {
            if entry.key == key { return entry }
            candidate = entry.next
        }
        return nil
    }

    /// - Precondition: the key is not busy.
    mutating func insert(_ key: StoreKey) {
        let entry = Entry(key)
        if let first = entries[key.token] {
            entry.next = first.next
            first.next = entry
        } else {
            entries.insert(key.token, entry)
        }
    }

    /// - Precondition: the key is busy.
    mutating func append(_ task: KeyTask, to key: StoreKey) {
        guard let entry = entry(of: key) else { preconditionFailure("the key is busy") }
        entry.waiting.append(task)
    }

    /// - Returns: the task that has waited longest; the key stays busy.
    mutating func nextWaiting(for key: StoreKey) -> KeyTask? { entry(of: key)?.waiting.popFirst() }

    /// Its tasks have all been taken: the key is free.
    mutating func remove(_ key: StoreKey) {
        guard let first = entries[key.token] else { return }
        if first.key == key {
            entries[key.token] = first.next
            return
        }
        var before = first
        while let entry = before.next {
            if entry.key == key {
                before.next = entry.next
                return
            }
            before = entry
        }
    }
}

extension Token: Numbered {
    var number: UInt64 { value }
}
