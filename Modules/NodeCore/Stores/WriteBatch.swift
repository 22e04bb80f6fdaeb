internal import Replication
internal import StatorCore
internal import Storage

/// Writes of one store that wait to be handed to its engine together.
struct WriteBatch {
    private(set) var writes: [StorageWrite] = []
    private(set) var tickets: [StorageTicket] = []
    /// A bit for each token's remainder: whether a load may have to see what is gathered here.
    private var marks = [UInt64](repeating: 0, count: 64)

    mutating func add(_ write: StorageWrite, _ ticket: StorageTicket) {
        writes.append(write)
        tickets.append(ticket)
        mark(write.token)
    }

    private mutating func mark(_ token: Token) { marks[Int(token.value >> 6 & 63)] |= 1 << (token.value & 63) }

    /// Never false where a write of the token waits.
    func mayHold(_ token: Token) -> Bool { marks[Int(token.value >> 6 & 63)] >> (token.value & 63) & 1 == 1 }

    /// Keeps the storage of the arrays.
    mutating func clear() {
        writes.removeAll(keepingCapacity: true)
        tickets.removeAll(keepingCapacity: true)
        for index in marks.indices { marks[index] = 0 }
    }
}

/// A command that was carried out and whose answer no sync covers yet: a write, or a scan that may show one.
struct UnsyncedAnswer {
    let ticket: StorageTicket
    let store: StoreName
    /// The answer once a sync has covered it.
    let result: StorageResult
}
