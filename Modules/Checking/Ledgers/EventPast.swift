/// Events of one key, numbered so that each has a greater number than all that it had seen: one bit each, grown as needed.
struct EventPast: Hashable, Sendable {
    private var words: [UInt64] = []

    func contains(_ event: Int) -> Bool {
        let word = event >> 6
        return word < words.count && words[word] & (1 << UInt64(event & 63)) != 0
    }

    mutating func insert(_ event: Int) {
        let word = event >> 6
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        words[word] |= 1 << UInt64(event & 63)
    }

    /// O(events / 64).
    mutating func formUnion(_ other: EventPast) {
        if other.words.count > words.count {
            words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
        }
        for index in other.words.indices { words[index] |= other.words[index] }
    }
}
