package import Analysis

/// Every figure that a run may have, in the order of tables.
package enum MetricCatalogue {
    package static let all = speed + consistency + traffic + repair + resources

    /// What is tested where a matrix names nothing else.
    package static let defaultPrimary = [
        "readP99Milliseconds", "writeP99Milliseconds", "unavailableShare", "staleReadShare", "lostWriteShare",
        "bytesPerOperation",
    ]

    private static let speed: [MetricDescription] =
        [
            .init(
                "throughputPerSecond", "Achieved rate", unit: "requests/s", .higherIsBetter, .ratio, group: "Speed"),
            .init("offeredPerSecond", "Offered rate", unit: "requests/s", .neutral, .ratio, group: "Speed"),
            .init(
                "unavailableShare", "Requests not carried out", unit: "", .lowerIsBetter, .difference, group: "Speed"),
            .init("unknownShare", "Requests of unknown outcome", unit: "", .lowerIsBetter, .difference, group: "Speed"),
        ]
        + ["read", "write", "delete", "batch"].flatMap { kind in
            percentiles.map { percentile in
                MetricDescription(
                    "\(kind)\(percentile.name)Milliseconds", "\(kind.capitalizedFirst) latency \(percentile.title)",
                    unit: "ms", .lowerIsBetter, .ratio, group: "Speed")
            }
        }

    /// By name within a metric's name.
    static let percentiles: [(name: String, title: String, value: Double)] = [
        ("P50", "p50", 50), ("P95", "p95", 95), ("P99", "p99", 99), ("P999", "p99.9", 99.9), ("P9999", "p99.99", 99.99),
    ]

    private static let consistency: [MetricDescription] = [
        .init("staleReadShare", "Stale reads", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
        .init(
            "tVisibilityP50Milliseconds", "Staleness of stale reads p50", unit: "ms", .lowerIsBetter, .ratio,
            group: "Consistency"),
        .init(
            "tVisibilityP99Milliseconds", "Staleness of stale reads p99", unit: "ms", .lowerIsBetter, .ratio,
            group: "Consistency"),
        .init(
            "kStalenessMean", "Events behind in stale reads", unit: "events", .lowerIsBetter, .ratio,
            group: "Consistency"),
        .init(
            "lostWriteShare", "Lost acknowledged writes", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
        .init(
            "lostToSupersededShare", "Lost to what they had superseded", unit: "", .lowerIsBetter, .difference,
            group: "Consistency"),
        .init(
            "siblingReadShare", "Reads of conflicting versions", unit: "", .neutral, .difference, group: "Consistency"),
        .init("siblingsMean", "Versions a read", unit: "versions", .neutral, .difference, group: "Consistency"),
        .init(
            "falseConcurrencyShare", "Reads of superseded siblings", unit: "", .lowerIsBetter, .difference,
            group: "Consistency"),
        .init(
            "resurrectedShare", "Deletes that came back", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
        .init(
            "readYourWritesShare", "Reads that missed their own writes", unit: "", .lowerIsBetter, .difference,
            group: "Consistency"),
        .init(
            "monotonicReadsShare", "Reads that went back", unit: "", .lowerIsBetter, .difference, group: "Consistency"),
        .init(
            "monotonicWritesShare", "Writes of a session out of order", unit: "", .lowerIsBetter, .difference,
            group: "Consistency"),
        .init(
            "writesFollowReadsShare", "Writes seen without what they followed", unit: "", .lowerIsBetter, .difference,
            group: "Consistency"),
    ]

    private static let traffic: [MetricDescription] = [
        .init(
            "bytesPerOperation", "Bytes between nodes", unit: "bytes/request", .lowerIsBetter, .ratio, group: "Traffic"),
        .init(
            "messagesPerOperation", "Messages between nodes", unit: "messages/request", .lowerIsBetter, .ratio,
            group: "Traffic"),
        .init(
            "foregroundBytesPerOperation", "Bytes for requests", unit: "bytes/request", .lowerIsBetter, .ratio,
            group: "Traffic"),
        .init(
            "membershipBytesPerNodeSecond", "Bytes of membership", unit: "bytes/node/s", .lowerIsBetter, .ratio,
            group: "Traffic"),
        .init("hintBytes", "Bytes of hints", unit: "bytes", .lowerIsBetter, .difference, group: "Traffic"),
        .init("syncBytes", "Bytes of anti-entropy", unit: "bytes", .lowerIsBetter, .difference, group: "Traffic"),
        .init("transferBytes", "Bytes of transfers", unit: "bytes", .lowerIsBetter, .difference, group: "Traffic"),
        .init(
            "metadataBytesPerObject", "Causal metadata of a record", unit: "bytes", .lowerIsBetter, .ratio,
            group: "Traffic"),
    ]

    private static let repair: [MetricDescription] = [
        .init("convergenceSeconds", "Time to converge", unit: "s", .lowerIsBetter, .difference, group: "Repair"),
        .init(
            "keysDifferingAtHeal", "Keys that differ when faults end", unit: "keys", .neutral, .difference,
            group: "Repair"),
        .init(
            "syncBytesAfterFaults", "Bytes of anti-entropy until equal", unit: "bytes", .lowerIsBetter, .ratio,
            group: "Repair"),
        .init(
            "repairBytesAfterFaults", "Bytes of hints, anti-entropy and transfers until equal", unit: "bytes",
            .lowerIsBetter, .ratio, group: "Repair"),
        .init(
            "detectionMilliseconds", "Time to notice a dead node, median", unit: "ms", .lowerIsBetter, .ratio,
            group: "Repair"),
        .init("undetectedShare", "Absences not noticed", unit: "", .lowerIsBetter, .difference, group: "Repair"),
        .init(
            "falseSuspicionsPerNodeHour", "Live nodes taken for dead", unit: "1/node/h", .lowerIsBetter, .difference,
            group: "Repair"),
        .init("loadImbalance", "Busiest node over the mean", unit: "×", .lowerIsBetter, .ratio, group: "Balance"),
        .init(
            "ownershipImbalance", "Largest share of the tokens over the mean", unit: "×", .lowerIsBetter, .ratio,
            group: "Balance"),
        .init(
            "movedShare", "Copies moved by a change of the ring", unit: "", .lowerIsBetter, .difference,
            group: "Balance"),
        .init(
            "movedOverLeast", "Copies moved over the least possible", unit: "×", .lowerIsBetter, .ratio,
            group: "Balance"),
    ]

    private static let resources: [MetricDescription] = [
        .init(
            "cpuMicrosecondsPerOperation", "Processor time of all nodes", unit: "µs/request", .lowerIsBetter, .ratio,
            group: "Resources"),
        .init(
            "residentBytesPerNode", "Resident memory of a node", unit: "bytes", .lowerIsBetter, .ratio,
            group: "Resources"),
        .init("diskBytesPerNode", "Disk of a node", unit: "bytes", .lowerIsBetter, .difference, group: "Resources"),
    ]
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
