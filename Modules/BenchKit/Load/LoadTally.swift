internal import Checking
internal import StatorCore
internal import Workload

/// What became of the operations of a load.
///
/// An operation is a request, or all reads of a batch: an update is two. It belongs to the measured span where it was
/// meant to be sent in that: `offered` is the sum of `succeeded`, `failed`, `unknown` and `neverSent`. Latencies are of
/// those that succeeded.
struct LoadTally: Sendable {
    static let kinds = ["read", "write", "delete", "batch"]

    private(set) var offered = 0
    private(set) var succeeded = 0
    private(set) var failed = 0
    private(set) var unknown = 0
    /// Arrivals of an open loop that no session had taken by the end of the span.
    private(set) var neverSent = 0
    private(set) var reads = 0
    private(set) var readsOfSiblings = 0
    private(set) var versionsShown = 0
    /// From when an operation was due in an open loop, from its sending in a closed one.
    private var latencies = LoadTally.emptyHistograms
    /// From the sending, also in an open loop: what would be reported if the wait for a session were left out.
    private var latenciesFromSending = LoadTally.emptyHistograms
    /// How long after it was due an arrival was sent: the wait for a session, and how exact the timers are.
    private(set) var lateness = LatencyHistogram()
    private var bins = [Int](repeating: 0, count: LoadLimits.bins)
    /// Operations that succeeded by the second of the span in which they were answered.
    private(set) var perSecond: [Int] = []
    private(set) var errors: [String: Int] = [:]
    /// Of the nodes' operations, in the order of the settings.
    private(set) var nodes: [(name: String, operations: Int)]
    /// The history, and how many operations it could not hold.
    private(set) var operations: [HistoryOperation] = []
    /// Arrivals that waited for a session, looked at regularly over the measured span.
    var backlog: [Int] = []
    /// Keys that could not be written before the load.
    var keysNotLoaded = 0
    var bytesSent = 0
    var bytesReceived = 0
    /// What the load's own thread spent in the measured span.
    var processorTime = Duration.zero
    /// The measured span, in nanoseconds of the load's clock.
    private(set) var span: Range<Int64>
    private let plannedSpan: Range<Int64>

    init(span: Range<Int64>, nodes: [String] = []) {
        self.span = span
        plannedSpan = span
        self.nodes = nodes.map { ($0, 0) }
    }

    private static let emptyHistograms = [LatencyHistogram](repeating: LatencyHistogram(), count: kinds.count)

    // MARK: Counting

    /// - Parameters:
    ///   - parts: one, or the reads of a batch, concluded.
    ///   - intended: when it was meant to be sent.
    ///   - sent: when it was.
    mutating func add(
        _ parts: [HistoryOperation], isBatch: Bool, intended: Int64, sent: Int64, node: Int, error: String?
    ) {
        guard let last = parts.last else { return }
        if parts.allSatisfy({ $0.outcome == .ok }) { countAnswer(at: last.end) }
        guard plannedSpan.contains(intended) else { return }
        offered += 1
        nodes[node].operations += 1
        guard parts.allSatisfy({ $0.outcome == .ok }) else {
            if parts.contains(where: { $0.outcome == .unknown }) { unknown += 1 } else { failed += 1 }
            errors[error ?? "?", default: 0] += 1
            return
        }
        succeeded += 1
        let place = isBatch ? 3 : last.kind == .read ? 0 : last.kind == .write ? 1 : 2
        latencies[place].record(last.end - intended)
        latenciesFromSending[place].record(last.end - sent)
        for part in parts where part.kind == .read {
            reads += 1
            versionsShown += part.values.count
            if part.values.count > 1 { readsOfSiblings += 1 }
        }
    }

    private mutating func countAnswer(at time: Int64) {
        guard plannedSpan.contains(time) else { return }
        let elapsed = time - plannedSpan.lowerBound
        bins[Int(Double(elapsed) / Double(plannedSpan.count) * Double(bins.count))] += 1
        let second = Int(elapsed / 1_000_000_000)
        while perSecond.count <= second { perSecond.append(0) }
        perSecond[second] += 1
    }

    /// An arrival that was taken: late where all sessions were busy.
    mutating func took(intended: Int64, at now: Int64) {
        if plannedSpan.contains(intended) { lateness.record(now - intended) }
    }

    /// An arrival that nobody took.
    mutating func missed(_ intended: Int64) {
        guard span.contains(intended) else { return }
        offered += 1
        neverSent += 1
    }

    /// An arrival for which no node could be asked: all rest after errors.
    mutating func refused(_ intended: Int64) {
        guard plannedSpan.contains(intended) else { return }
        offered += 1
        failed += 1
        errors["no_node", default: 0] += 1
    }

    mutating func keep(_ operation: HistoryOperation) {
        if operations.count <= LoadLimits.historyOperations { operations.append(operation) }
    }

    /// Gives the nodes their names, in the history too, and takes in what was done before.
    mutating func finish(names: [String], addresses: [String], before: [HistoryOperation]) {
        for index in nodes.indices { nodes[index].name = names[index] }
        operations.insert(contentsOf: before, at: 0)
        for index in operations.indices {
            guard let node = addresses.firstIndex(where: { $0 == operations[index].node }) else { continue }
            operations[index].node = names[node]
        }
        operations.sort { $0.id < $1.id }
    }

    /// The span ended earlier than planned.
    mutating func close(at time: Int64) {
        span = span.lowerBound..<max(min(time, plannedSpan.upperBound), span.lowerBound)
    }

    // MARK: Figures

    var namedHistograms: [(kind: String, histogram: LatencyHistogram)] { LoadTally.named(latencies) }
    var histogramsFromSending: [(kind: String, histogram: LatencyHistogram)] { LoadTally.named(latenciesFromSending) }

    private static func named(_ histograms: [LatencyHistogram]) -> [(kind: String, histogram: LatencyHistogram)] {
        zip(kinds, histograms).filter { $0.1.count > 0 }.map { ($0, $1) }
    }

    /// Operations that succeeded, by the tenth of the span in which they were answered, whenever they were due: together
    /// the rate that was achieved, also of a saturated store, whose answers are to what was due long ago.
    var slices: [Int] {
        var slices = [Int](repeating: 0, count: LoadLimits.slices)
        let share = Double(span.count) / Double(max(1, plannedSpan.count))
        for (index, count) in bins.enumerated() {
            let place = (Double(index) + 0.5) / Double(bins.count) / max(share, .leastNonzeroMagnitude)
            slices[min(slices.count - 1, Int(min(place, 1) * Double(slices.count)))] += count
        }
        return slices
    }

    var speed: SpeedFigures {
        SpeedFigures(
            span: .nanoseconds(Int64(span.count)), offered: offered, succeeded: succeeded, unknown: unknown,
            histograms: namedHistograms, reads: reads, readsOfSiblings: readsOfSiblings, versionsShown: versionsShown,
            slices: slices)
    }

    /// More was due in an open loop than could be sent. One of:
    ///
    /// - More than 2 % of what was offered was never sent, and the queue of waiting arrivals was not empty once in the last
    ///   fifth of the span: a stall just before the end is none of the rate. What was offered are the arrivals as drawn,
    ///   so that chance does not count.
    /// - The queue grew from each fifth of the span to the next, on average, and held more than 1 % of what was offered in
    ///   the last.
    var isSaturated: Bool {
        let lacks = Double(neverSent) > 0.02 * Double(offered)
        let size = backlog.count / 5
        guard size > 0 else { return lacks }
        if lacks, backlog.suffix(size).allSatisfy({ $0 > 0 }) { return true }
        let means = (0..<5).map { part in
            Double(backlog[(part * size)..<((part + 1) * size)].reduce(0, +)) / Double(size)
        }
        return zip(means, means.dropFirst()).allSatisfy { $0 < $1 } && means[4] > 0.01 * Double(offered)
    }
}
