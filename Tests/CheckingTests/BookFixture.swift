import Checking
import StatorCore

/// A book of copies of one key at nodes A to E, whose events and states are given by numbers.
struct BookFixture {
    var book: CopyBook
    let key: Int
    private var states: [[Int]: Int] = [:]
    /// What each event had seen.
    private let seen: [Int: [Int]]

    static let nodes = ["A", "B", "C", "D", "E"].map { NodeID($0) }

    init(seen: [Int: [Int]] = [:]) throws {
        book = CopyBook(nodes: BookFixture.nodes)
        key = book.add(try Key("k"), Token(7))
        self.seen = seen
    }

    /// The state of a record with these versions.
    mutating func state(_ events: Int...) -> Int {
        if events.isEmpty { return CopyBook.nothing }
        if let known = states[events] { return known }
        let digest = Digest(UInt64(states.count + 1))
        let seen = seen
        let made = book.addState(of: key, digest, heads: events, seen: { seen[$0] ?? [] })
        states[events] = made
        return made
    }

    mutating func number(_ event: Int) -> Int {
        let seen = seen
        return book.number(of: event, key: key, seen: { seen[$0] ?? [] })
    }

    mutating func hold(_ node: Int, _ event: Int) {
        book.setRecord(of: key, at: node, to: state(event))
    }

    mutating func hint(_ holder: Int, for target: Int, _ event: Int) {
        book.setHint(of: key, at: holder, for: target, to: state(event))
    }

    mutating func write(_ event: Int, needed: Int = 2, isStrict: Bool = true) -> AcknowledgedWrite {
        AcknowledgedWrite(
            operation: event, number: number(event), needed: needed, isStrict: isStrict, isOnOwners: true, time: 5)
    }
}
