internal import DequeModule
internal import StatorCore

/// The keys that somebody is changing, and the tasks that wait for them. Keys are found by their tokens, which are
/// hashes already.
struct BusyKeys {
    private struct Entry {
        let key: StoreKey
        var waiting = Deque<KeyTask>()
    }

    /// The busy keys of one token: one, but for hints of a key for several targets.
    private struct Entries {
        var first: Entry
        var others: [Entry] = []
    }

    private var entries = NumberTable<Token, Entries>()

    var isEmpty: Bool { entries.isEmpty }

    func contains(_ key: StoreKey) -> Bool {
        guard let found = entries[key.token] else { return false }
        return found.first.key == key || found.others.contains { $0.key == key }
    }

    /// - Precondition: the key is not busy.
    mutating func insert(_ key: StoreKey, waiting: Deque<KeyTask> = []) {
        let entry = Entry(key: key, waiting: waiting)
        if var found = entries[key.token] {
            found.others.append(entry)
            entries[key.token] = found
        } else {
            entries[key.token] = Entries(first: entry)
        }
    }

    /// - Precondition: the key is busy.
    mutating func append(_ task: KeyTask, to key: StoreKey) {
        guard var found = entries.removeValue(forKey: key.token) else { preconditionFailure("the key is busy") }
        if found.first.key == key {
            found.first.waiting.append(task)
        } else if let index = found.others.firstIndex(where: { $0.key == key }) {
            found.others[index].waiting.append(task)
        }
        entries[key.token] = found
    }

    /// - Returns: the tasks that waited; `nil` where the key was not busy.
    mutating func remove(_ key: StoreKey) -> Deque<KeyTask>? {
        guard var found = entries.removeValue(forKey: key.token) else { return nil }
        if found.first.key == key {
            let waiting = found.first.waiting
            guard !found.others.isEmpty else { return waiting }
            found.first = found.others.removeFirst()
            entries[key.token] = found
            return waiting
        }
        defer { entries[key.token] = found }
        guard let index = found.others.firstIndex(where: { $0.key == key }) else { return nil }
        return found.others.remove(at: index).waiting
    }
}

extension Token: Numbered {
    var number: UInt64 { value }
}
