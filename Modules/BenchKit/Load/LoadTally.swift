internal import Checking
internal import StatorCore
internal import Workload

/// What became of the requests of a load; sessions have one each, which are added up.
struct LoadTally: Sendable {
    static let kinds = ["read", "write", "delete", "batch"]

    private(set) var offered = 0
    private(set) var succeeded = 0
    private(set) var failed = 0
    private(set) var unknown = 0
    var neverSent = 0
    private(set) var reads = 0
    private(set) var readsOfSiblings = 0
    private(set) var versionsShown = 0
    private(set) var histograms = [LatencyHistogram](repeating: LatencyHistogram(), count: LoadTally.kinds.count)
    private(set) var slices = [Int](repeating: 0, count: LoadLimits.slices)
    private(set) var errors: [String: Int] = [:]
    private(set) var nodes: [String: Int] = [:]
    var operations: [HistoryOperation] = []
    /// The measured span, in nanoseconds of the load's clock.
    let span: Range<Int64>

    init(span: Range<Int64>) {
        self.span = span
    }

    /// - Parameter intended: when it was meant to be sent, from which its latency counts.
    mutating func add(_ operation: HistoryOperation, intended: Int64, keeps: Bool) {
        if keeps { operations.append(operation) }
        guard span.contains(intended) else { return }
        offered += 1
        nodes[operation.node ?? "?", default: 0] += 1
        if let error = operation.error { errors[error, default: 0] += 1 }
        switch operation.outcome {
        case .failed: failed += 1
        case .unknown: unknown += 1
        case .ok: count(operation, intended)
        }
    }

    private mutating func count(_ operation: HistoryOperation, _ intended: Int64) {
        succeeded += 1
        let place =
            switch operation.kind {
            case .read: 0
            case .write: 1
            case .delete: 2
            }
        histograms[place].record(operation.end - intended)
        if operation.kind == .read {
            reads += 1
            versionsShown += operation.values.count
            if operation.values.count > 1 { readsOfSiblings += 1 }
        }
        guard span.contains(operation.end) else { return }
        slices[Int((operation.end - span.lowerBound) * Int64(slices.count) / Int64(span.count))] += 1
    }

    mutating func addBatch(intended: Int64, end: Int64) {
        if span.contains(intended) { histograms[3].record(end - intended) }
    }

    mutating func missed(_ intended: Int64) {
        guard span.contains(intended) else { return }
        offered += 1
        neverSent += 1
    }

    mutating func merge(_ other: LoadTally) {
        offered += other.offered
        succeeded += other.succeeded
        failed += other.failed
        unknown += other.unknown
        neverSent += other.neverSent
        reads += other.reads
        readsOfSiblings += other.readsOfSiblings
        versionsShown += other.versionsShown
        for index in histograms.indices { histograms[index].merge(other.histograms[index]) }
        for index in slices.indices { slices[index] += other.slices[index] }
        errors.merge(other.errors, uniquingKeysWith: +)
        nodes.merge(other.nodes, uniquingKeysWith: +)
        operations += other.operations
    }

    var namedHistograms: [(kind: String, histogram: LatencyHistogram)] {
        zip(LoadTally.kinds, histograms).filter { $0.1.count > 0 }.map { ($0, $1) }
    }

    var speed: SpeedFigures {
        SpeedFigures(
            span: .nanoseconds(Int64(span.count)), offered: offered, succeeded: succeeded, unknown: unknown,
            histograms: namedHistograms, reads: reads, readsOfSiblings: readsOfSiblings, versionsShown: versionsShown,
            slices: slices)
    }

    /// More was due than was answered: more than one in fifty of what was offered was never sent or answered in the span.
    var isSaturated: Bool { neverSent > 0 && Double(neverSent) > 0.02 * Double(offered) }
}
