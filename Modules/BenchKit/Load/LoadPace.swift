internal import StatorCore
internal import Synchronization
internal import Workload

/// When operations of a load are due, and what they are: what all its sessions share.
///
/// In an open loop a session that is free takes the next operation in order and waits until it is due; where all are
/// busy it is taken late, and its latency counts from when it was due all the same (wrk2's way against what Gil Tene
/// calls coordinated omission).
final class LoadPace: Sendable {
    private struct State {
        var arrivals: Arrivals?
        var traceCursor = 0
        var begun = 0
    }

    private let state: Mutex<State>
    private let inserted = Atomic(0)
    private let ids: Atomic<Int>
    private let settings: LoadSettings
    private let begin: Int64
    let end: Int64

    /// - Parameters:
    ///   - begin: when clients begin, by the load's clock in nanoseconds.
    ///   - end: when no operation is begun any more.
    ///   - firstID: after which ids of operations begin.
    init(_ settings: LoadSettings, begin: Int64, end: Int64, firstID: Int, random: RandomGenerator) {
        ids = Atomic(firstID)
        self.settings = settings
        self.begin = begin
        self.end = end
        let isOpen = settings.workload.loop == .open && settings.trace?.hasTimes != true
        state = Mutex(State(arrivals: isOpen ? Arrivals(settings.workload, random: random) : nil))
    }

    /// An operation to be carried out: when it is due (`nil`: at once), and the entry of the trace that it is.
    struct Due {
        var time: Int64?
        var entry: TraceEntry?
    }

    /// - Returns: `nil` where no more is to be begun.
    func next() -> Due? {
        state.withLock { state in
            if let limit = settings.operationLimit, state.begun >= limit { return nil }
            state.begun += 1
            var due = Due()
            if let trace = settings.trace {
                guard state.traceCursor < trace.entries.count else { return nil }
                let entry = trace.entries[state.traceCursor]
                state.traceCursor += 1
                due.entry = entry
                if settings.workload.loop == .open, let time = entry.nanoseconds {
                    due.time = begin + Int64(Double(time) / settings.workload.traceSpeed)
                }
            }
            if let arrival = state.arrivals?.next() { due.time = begin + arrival }
            if let time = due.time, time >= end { return nil }
            return due
        }
    }

    /// What was due before the end and that nobody took.
    func rest() -> [Int64] {
        guard settings.workload.loop == .open, settings.operationLimit == nil else { return [] }
        var times: [Int64] = []
        while let time = next()?.time { times.append(time) }
        return times
    }

    func insert() -> Int { settings.workload.keys + inserted.wrappingAdd(1, ordering: .relaxed).oldValue }
    var insertedKeys: Int { inserted.load(ordering: .relaxed) }
    func newID() -> Int { ids.wrappingAdd(1, ordering: .relaxed).newValue }
}
