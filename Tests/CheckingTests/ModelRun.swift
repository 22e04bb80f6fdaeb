import Checking
import StatorCore

/// Random clients of a ``ModelStore``, and the history that a recorder makes of them: one that knows everything, or one
/// that knows what clients know.
///
/// Effects are atomic, at one instant within each operation's interval, or, where the client gave up, after it.
struct ModelRun {
    private struct Client {
        var freeAt: Int64 = 0
        /// The latest context of each key: the text, and the events that it covers.
        var contexts: [String: (text: String, events: Set<Int>)] = [:]
    }

    private struct Late {
        let time: Int64
        let index: Int
        let context: Set<Int>?
    }

    static let keys = ["x", "y", "z"]
    private var random: RandomGenerator
    private var store: ModelStore
    private var operations: [HistoryOperation] = []
    private var clients = [Client](repeating: Client(), count: 5)
    private var late: [Late] = []
    private var clock: Int64 = 100

    init(seed: UInt64, store: ModelStore) {
        random = RandomGenerator(seed: seed)
        self.store = store
    }

    mutating func operate(_ count: Int) {
        while operations.count < count {
            clock += Int64(1 + random.below(15))
            applyLate()
            let key = ModelRun.keys[random.below(ModelRun.keys.count)]
            store.gossip(key, &random)
            let client = random.below(clients.count)
            guard clients[client].freeAt < clock else { continue }
            if random.chance(0.4) { read(key, client) } else { write(key, client) }
        }
    }

    /// Applies what is under way and reads every key from all replicas.
    mutating func finish() {
        clock += 10_000
        applyLate()
        for key in ModelRun.keys {
            for _ in 0..<3 { store.gossip(key, &random) }
            let record = store.read(key, fromAll: true, &random)
            clock += 10
            append(kind: .read, key, 99, from: clock, to: clock + 5)
            show(record, in: operations.count - 1)
            operations[operations.count - 1].isFinal = true
        }
    }

    /// - Parameter isExact: what the store knows is recorded; otherwise only what clients know.
    func history(isExact: Bool) -> History {
        History(
            operations.map { operation in
                var operation = operation
                if !isExact {
                    operation.saw = nil
                    operation.shows = nil
                }
                return operation
            })
    }

    private mutating func append(
        kind: HistoryOperation.Kind, _ key: String, _ client: Int, from start: Int64, to end: Int64
    ) {
        operations.append(
            HistoryOperation(
                id: operations.count + 1, client: client, kind: kind, key: key,
                value: kind == .write ? "v\(operations.count + 1)" : nil, start: start, end: end))
    }

    private mutating func begin(_ kind: HistoryOperation.Kind, _ key: String, _ client: Int) {
        let start = max(clients[client].freeAt + 1, clock - Int64(random.below(20)))
        let end = clock + Int64(random.below(20))
        clients[client].freeAt = end
        append(kind: kind, key, client, from: start, to: end)
    }

    private mutating func read(_ key: String, _ client: Int) {
        begin(.read, key, client)
        let index = operations.count - 1
        if random.chance(0.05) {
            operations[index].outcome = .unknown
            return
        }
        let record = store.read(key, &random)
        show(record, in: index)
        if let text = record.context { clients[client].contexts[key] = (text, record.known) }
    }

    private mutating func show(_ record: ModelStore.Record, in index: Int) {
        operations[index].shows = record.live
        operations[index].values = record.live.compactMap { operations[$0 - 1].value }
        operations[index].resultContext = record.context
    }

    private mutating func write(_ key: String, _ client: Int) {
        begin(random.chance(0.25) ? .delete : .write, key, client)
        let index = operations.count - 1
        var context: Set<Int>?
        if let given = clients[client].contexts[key], random.chance(0.6) {
            operations[index].basis = .context
            operations[index].context = given.text
            context = given.events
        } else if random.chance(0.2) {
            operations[index].basis = .none
            context = []
        }
        switch random.below(20) {
        case 0:
            operations[index].outcome = .failed
        case 1, 2:
            operations[index].outcome = .unknown
            late.append(Late(time: clock + Int64(random.below(300)), index: index, context: context))
        case 3, 4:
            operations[index].outcome = .unknown
            apply(index, context, copies: 1)
        default:
            apply(index, context, copies: store.writeQuorum)
            guard let text = operations[index].resultContext else { return }
            clients[client].contexts[key] = (text, Set(text.split(separator: ",").compactMap { Int($0) }))
        }
    }

    private mutating func applyLate() {
        for due in late where due.time <= clock { apply(due.index, due.context, copies: 1) }
        late.removeAll { $0.time <= clock }
    }

    private mutating func apply(_ index: Int, _ context: Set<Int>?, copies: Int) {
        let operation = operations[index]
        let (saw, answer) = store.write(
            operation.id, operation.key, context: context, isDelete: operation.kind == .delete, copies: copies,
            &random)
        operations[index].saw = saw
        if operation.outcome == .ok { operations[index].resultContext = answer }
    }
}
