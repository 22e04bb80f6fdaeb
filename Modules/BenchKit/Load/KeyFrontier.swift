/// Numbers new keys, and knows how many of them may be read: those before the first whose insert is not answered yet, as
/// YCSB's `AcknowledgedCounterGenerator` has it. An insert that failed counts as answered; its key is read as missing.
struct KeyFrontier {
    private var begun = 0
    /// Of the inserts under way, in increasing order: at most one a session.
    private var open: [Int] = []

    /// How many keys beyond those of the start may be read.
    var count: Int { open.first ?? begun }

    /// - Returns: the new key's number among the new ones.
    mutating func begin() -> Int {
        defer { begun += 1 }
        open.append(begun)
        return begun
    }

    mutating func end(_ number: Int) {
        if let index = open.firstIndex(of: number) { open.remove(at: index) }
    }
}
