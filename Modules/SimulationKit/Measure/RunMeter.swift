internal import Checking
internal import Replication
internal import StatorCore
internal import Workload

/// Takes what ``RunMeasurements`` holds while a run goes on.
struct RunMeter {
    /// How many parts the span is cut into to see whether it was steady.
    static let sliceCount = 10

    private(set) var measurements = RunMeasurements()
    private var begin = Int64.max
    private var end = Int64.max
    private var histograms = [LatencyHistogram](repeating: LatencyHistogram(), count: Kind.allCases.count)

    /// What latencies are told apart by.
    enum Kind: Int, CaseIterable {
        case read, write, delete, batch

        init(_ kind: HistoryOperation.Kind) {
            self =
                switch kind {
                case .read: .read
                case .write: .write
                case .delete: .delete
                }
        }
    }
    /// The latest that any node adopted.
    private var latest = Epoch(0)
    var suspicions: SuspicionWatch

    init(nodes: Int) {
        suspicions = SuspicionWatch(nodes: nodes)
    }

    /// - Parameters:
    ///   - begin: of the measured span, in nanoseconds of virtual time.
    ///   - length: in nanoseconds.
    mutating func measure(from begin: Int64, for length: Int64) {
        self.begin = begin
        end = begin + length
        measurements.span = .nanoseconds(length)
        measurements.slices = [Int](repeating: 0, count: RunMeter.sliceCount)
    }

    /// In nanoseconds of virtual time; `nil` before it began.
    var measuredSpan: Range<Int64>? { begin < end ? begin..<end : nil }

    mutating func note(_ staleness: StalenessFigures) { measurements.staleness = staleness }

    private func isMeasured(_ time: Int64) -> Bool { begin <= time && time < end }

    // MARK: Operations

    mutating func ends(
        _ kind: Kind, _ outcome: HistoryOperation.Outcome, intended: Int64, at time: Int64
    ) {
        if outcome == .ok, isMeasured(time) {
            let slice = Int((time - begin) * Int64(RunMeter.sliceCount) / max(1, end - begin))
            measurements.slices[slice] += 1
        }
        guard isMeasured(intended) else { return }
        measurements.offered += 1
        switch outcome {
        case .failed: measurements.failed += 1
        case .unknown: measurements.unknown += 1
        case .ok:
            measurements.succeeded += 1
            histograms[kind.rawValue].record(time - intended)
        }
    }

    mutating func read(showing versions: Int, at time: Int64) {
        guard isMeasured(time) else { return }
        measurements.reads += 1
        measurements.versionsShown += versions
        if versions > 1 { measurements.readsOfSiblings += 1 }
    }

    mutating func neverSent(_ intended: some Sequence<Int64>) {
        for time in intended where isMeasured(time) {
            measurements.neverSent += 1
            measurements.offered += 1
        }
    }

    // MARK: The ring

    mutating func adopted(_ state: ClusterState) {
        guard state.epoch > latest else { return }
        latest = state.epoch
        guard let old = state.placement, let new = state.nextPlacement else { return }
        measurements.moves.append(PlacementChange.moved(from: old, to: new))
    }

    // MARK: The end

    mutating func finish(_ fill: (inout RunMeasurements) -> Void) -> RunMeasurements {
        var result = measurements
        result.histograms = zip(Kind.allCases, histograms).filter { $0.1.count > 0 }.map { ("\($0)", $1) }
        suspicions.fill(&result)
        fill(&result)
        return result
    }

    mutating func note(differences keys: Int, after duration: Duration) {
        measurements.divergence.append((duration, keys))
    }
}
