/// What a context covers: some events and their pasts for certain, and perhaps more.
struct ContextMeaning: Sendable {
    var events: [Int]
    /// As those of ``KeyEvent``.
    var horizon: Int64
    var deleteHorizon: Int64
    var isFromRead: Bool

    /// One context stands for one set of events, so what two answers with it say holds together: all that either
    /// covers, and no more than each allows.
    mutating func add(_ other: ContextMeaning) {
        for event in other.events where !events.contains(event) { events.append(event) }
        horizon = min(horizon, other.horizon)
        deleteHorizon = min(deleteHorizon, other.deleteHorizon)
        isFromRead = isFromRead || other.isFromRead
    }
}

/// The contexts that the answers about one key carried.
///
/// A client that presents a context which it was given with a read means what that read showed it, even where another
/// answer with the same context showed more: that would be the store's mistake, and is not to be hidden here. Any other
/// context means what all answers that carried it say together.
struct ContextTable {
    private struct Given: Hashable {
        let context: ExactText
        let client: Int
    }

    private let reads: [KeyRead]
    private let operations: [HistoryOperation]
    /// Indices of reads by their end, and how many of them are in ``given``.
    private let order: [Int]
    private var position = 0
    /// The latest read by which a client got a context.
    private var given: [Given: Int] = [:]
    private var meanings: [ExactText: ContextMeaning] = [:]

    init(_ history: KeyHistory, _ operations: [HistoryOperation]) {
        self.operations = operations
        let reads = history.reads
        self.reads = reads
        order = reads.indices.sorted { (reads[$0].end, $0) < (reads[$1].end, $1) }
        for read in reads {
            if let context = operations[read.operation].resultContext { add(meaning(of: read), to: context) }
        }
        for (number, event) in history.events.enumerated() {
            guard let context = operations[event.operation].resultContext else { continue }
            // The answer's context covers all that the coordinator held, siblings unknown to the writer included.
            let meaning = ContextMeaning(
                events: [number], horizon: event.end, deleteHorizon: event.end, isFromRead: false)
            add(meaning, to: context)
        }
    }

    /// - Parameter time: when the context was presented; calls go up in time.
    mutating func meaning(of context: String, presentedBy client: Int, at time: Int64) -> ContextMeaning? {
        while position < order.count, reads[order[position]].end <= time {
            let read = reads[order[position]]
            if let context = operations[read.operation].resultContext {
                given[Given(context: ExactText(context), client: read.client)] = order[position]
            }
            position += 1
        }
        if let read = given[Given(context: ExactText(context), client: client)] { return meaning(of: reads[read]) }
        return meanings[ExactText(context)]
    }

    private func meaning(of read: KeyRead) -> ContextMeaning {
        let hidesDeletes = operations[read.operation].shows == nil
        return ContextMeaning(
            events: read.shown, horizon: read.horizon, deleteHorizon: hidesDeletes ? read.end : .min, isFromRead: true)
    }

    private mutating func add(_ meaning: ContextMeaning, to context: String) {
        let name = ExactText(context)
        if meanings[name] == nil { meanings[name] = meaning } else { meanings[name]?.add(meaning) }
    }
}
