import StatorCore
import Sync

extension SyncLawScenarios {
    /// 20 of 20,000 keys differ: the keys listed at either end and the records sent are together below a thousand, and
    /// four times the keys do not take four times the bytes.
    func checkProportionalCost() throws {
        let law = SyncGuarantees.proportionalCost.name
        let few = try cost(keys: 5000, law)
        let many = try cost(keys: 20_000, law)
        try require(
            many.listed + many.sent <= 1000, law,
            "20 differences among 20,000 keys took \(many.listed) listed keys and \(many.sent) records")
        try require(
            many.bytes < 3 * few.bytes, law,
            "20 differences took \(few.bytes) bytes among 5,000 keys and \(many.bytes) among 20,000")
    }

    private func cost(keys: Int, _ law: String) throws -> (listed: Int, sent: Int, bytes: Int) {
        let pair = pair(keys, differing: 20, 700)
        pair.start(at: 0, range: .full)
        try require(pair.run(), law, "a session does not come to an end")
        let listed = pair.ends.flatMap(\.reports).map(\.report.keysListed).max() ?? 0
        return (listed, pair.recordsSent, pair.wireBytes)
    }

    /// 20,000 equal keys: 4 KiB a session and no key listed, over every kind of range.
    func checkQuiet() throws {
        let law = SyncGuarantees.quietWhenEqual.name
        let pair = pair(20_000, differing: 0, 800)
        for range in ranges(&pair.random) {
            pair.forgetCounts()
            pair.start(at: 0, range: range)
            try require(pair.run(), law, "a session does not come to an end")
            let listed = pair.ends.flatMap(\.reports).map(\.report.keysListed).max() ?? 0
            try require(pair.wireBytes <= 4096, law, "equal replicas exchanged \(pair.wireBytes) bytes over \(range)")
            try require(listed == 0 && pair.recordsSent == 0, law, "equal replicas listed \(listed) keys over \(range)")
        }
    }
}
