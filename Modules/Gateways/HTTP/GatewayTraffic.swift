import Histogram
import NIOCore

/// What a gateway has counted since its start.
struct GatewayTraffic: Sendable {
    var requests = 0
    /// Over RESP, answered.
    var commands = 0
    /// Answers that were errors, by their code.
    var errors: [String: Int] = [:]
    var latencies: LatencyRecorder
    var connections = 0
    var uptime = Duration.zero

    /// - Parameter digits: how exact latencies are.
    init(digits: SignificantDigits = .three) {
        latencies = LatencyRecorder(digits: digits)
    }

    /// For a second's worth: a tenth of the memory.
    static var coarse: GatewayTraffic { GatewayTraffic(digits: .two) }

    mutating func count(_ reply: HTTPReply) {
        requests += 1
        if let code = reply.errorCode { errors[code, default: 0] += 1 }
    }

    mutating func add(_ other: GatewayTraffic) {
        requests += other.requests
        commands += other.commands
        for (code, count) in other.errors { errors[code, default: 0] += count }
        latencies.add(other.latencies)
    }

    var sortedErrors: [(code: String, count: Int)] {
        errors.map { (code: $0.key, count: $0.value) }.sorted { $0.code < $1.code }
    }
}

/// How long operations took, from the whole request's arrival to the node's reply, in microseconds: one HDR histogram
/// for each kind of operation, up to ten minutes.
struct LatencyRecorder: Sendable {
    private static let maximum: UInt64 = 660_000_000
    private let digits: SignificantDigits
    /// By the kind's raw value; made when the first operation of the kind is recorded.
    private var histograms: [Histogram<UInt64>?] = Array(repeating: nil, count: KeyAnswer.Kind.allCases.count)
    private var sums: [UInt64] = Array(repeating: 0, count: KeyAnswer.Kind.allCases.count)

    init(digits: SignificantDigits) {
        self.digits = digits
    }

    /// - Parameter count: how many took that long.
    mutating func record(_ kind: KeyAnswer.Kind, _ elapsed: TimeAmount, count: Int = 1) {
        let microseconds = min(UInt64(max(0, elapsed.nanoseconds / 1000)), Self.maximum)
        let index = kind.rawValue
        if histograms[index] == nil {
            histograms[index] = Histogram<UInt64>(
                highestTrackableValue: Self.maximum, numberOfSignificantValueDigits: digits)
        }
        _ = histograms[index]?.record(max(1, microseconds), count: UInt64(count))
        sums[index] += microseconds * UInt64(count)
    }

    mutating func add(_ other: LatencyRecorder) {
        for index in histograms.indices {
            guard let theirs = other.histograms[index] else { continue }
            if histograms[index] == nil { histograms[index] = theirs } else { histograms[index]?.add(theirs) }
            sums[index] += other.sums[index]
        }
    }

    /// What is known of one kind, `nil` while there was no such operation.
    func summary(_ kind: KeyAnswer.Kind) -> LatencySummary? {
        guard let histogram = histograms[kind.rawValue], histogram.totalCount > 0 else { return nil }
        return LatencySummary(
            count: histogram.totalCount, sum: sums[kind.rawValue], minimum: histogram.min, mean: histogram.mean,
            maximum: histogram.max,
            percentiles: Self.percentiles.map { histogram.valueAtPercentile($0.percent) })
    }

    static let percentiles: [(name: StaticString, quantile: StaticString, percent: Double)] = [
        ("p50", "0.5", 50), ("p75", "0.75", 75), ("p90", "0.9", 90), ("p95", "0.95", 95), ("p99", "0.99", 99),
        ("p99.9", "0.999", 99.9),
    ]
}

/// All in microseconds.
struct LatencySummary {
    var count: UInt64
    var sum: UInt64
    var minimum: UInt64
    var mean: Double
    var maximum: UInt64
    /// In the order of ``LatencyRecorder/percentiles``.
    var percentiles: [UInt64]
}
