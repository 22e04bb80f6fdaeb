import NIOCore
import StatorCore
import Sync

extension SyncLawScenarios {
    func checkSessionsEqualise() throws {
        let law = "sessions-equalise"
        var random = RandomGenerator(seed: seed)
        for (number, range) in ranges(&random).enumerated() {
            let pair = pair(1500, differing: 60, UInt64(number))
            let before = pair.ends.map { $0.store.outside(range) }
            let differing = differences(pair, in: range)
            pair.start(at: number % 2, range: range)
            try finish(pair, law)
            try require(
                pair.ends[0].store.within(range) == pair.ends[1].store.within(range), law, "\(range) still differs")
            try require(pair.ends.map { $0.store.outside(range) } == before, law, "keys outside \(range) changed")
            try require(
                pair.recordsSent <= 2 * differing, law, "\(pair.recordsSent) records sent for \(differing) differences")
            for end in pair.ends {
                let report = end.reports[0].report
                try require(
                    report.keysDiffering == differing, law,
                    "\(end.node) reports \(report.keysDiffering) differing keys in \(range), there were \(differing)")
                try require(
                    report.comparisons >= 0 && report.dirtyLeaves >= 0 && report.keysListed >= 0, law,
                    "\(end.node) reports a negative count")
            }
        }
        try checkShard()
    }

    /// An index that sees one shard's tokens only, whose ends lie on no slice.
    private func checkShard() throws {
        let law = "sessions-equalise"
        let shard = TokenRange.ofShard(1, count: 3)
        let pair = pair(2000, differing: 40, range: shard, 100)
        pair.start(at: 0, range: shard)
        try finish(pair, law)
        try require(pair.ends[0].store == pair.ends[1].store, law, "a shard's range still differs")
    }

    /// Runs to the end without faults: each session has finished once at each end.
    private func finish(_ pair: SyncLawPair, sessions: Int = 1, _ law: String) throws {
        try require(pair.run(), law, "a session does not come to an end")
        try require(pair.breaches.isEmpty, law, "limits are broken: \(pair.breaches.joined(separator: ", "))")
        for end in pair.ends {
            try require(end.open.isEmpty, law, "a session never finished at \(end.node)")
            try require(
                end.reports.count == sessions, law, "\(end.node) finished \(end.reports.count) times, not \(sessions)")
        }
    }

    func checkWritesMeanwhile() throws {
        let law = "writes-meanwhile"
        for round in 0..<3 as Range<UInt64> {
            let pair = pair(500, differing: 80, 200 + round)
            for number in 0..<300 {
                let reference = SyncLawStore.reference(pair.random.below(700))
                let end = pair.random.below(2)
                let time = pair.random.below(3000)
                pair.schedule(.write(reference, UInt64(number) + 10), at: end, after: time)
                let isReplicated = pair.random.chance(0.7)
                let later = time + pair.random.below(100)
                if isReplicated { pair.schedule(.write(reference, UInt64(number) + 10), at: 1 - end, after: later) }
            }
            for session in 0..<8 {
                pair.start(at: session % 2, range: .full, after: session * 300 + pair.random.below(200))
            }
            try finish(pair, sessions: 8, law)
            pair.start(at: 0, range: .full)
            try finish(pair, sessions: 9, law)
            try require(pair.ends[0].store == pair.ends[1].store, law, "replicas differ after the writes stopped")
            pair.forgetCounts()
            pair.start(at: 1, range: .full)
            try finish(pair, law)
            try require(pair.recordsSent == 0, law, "equal replicas sent \(pair.recordsSent) records")
        }
    }

    func checkFaults() throws {
        let law = "faults"
        for round in 0..<8 as Range<UInt64> {
            let pair = pair(400, differing: 60, 300 + round)
            pair.faults = SyncLawPair.Faults(loss: round.isMultiple(of: 3) ? 0 : 0.15, duplication: 0.3)
            for session in 0..<8 { pair.start(at: session % 2, range: .full, after: session * 60) }
            try require(pair.run(), law, "sessions with lost and repeated messages run forever")
            try require(pair.breaches.isEmpty, law, "limits are broken: \(pair.breaches.joined(separator: ", "))")
            pair.abandonOpenSessions()
            pair.faults = SyncLawPair.Faults()
            pair.forgetCounts()
            pair.start(at: 1, range: .full)
            try finish(pair, law)
            try require(pair.ends[0].store == pair.ends[1].store, law, "a session after faults left a difference")
        }
    }

    func checkIndexEqualsRebuild() throws {
        let law = "index-equals-rebuild"
        let kept = pair(700, differing: 50, 400)
        for number in 0..<3000 {
            let end = kept.ends[kept.random.below(2)]
            let reference = SyncLawStore.reference(kept.random.below(900))
            let isDrop = kept.random.chance(0.4)
            end.changed(isDrop ? end.store.drop(reference) : end.store.merge(reference, UInt64(number) + 5))
        }
        let rebuilt = SyncLawPair(seed: seed, make: make)
        for end in 0..<2 {
            rebuilt.fill(end, kept.ends[end].store.entries)
            let statistics = kept.ends[end].synchronizer.indexStatistics
            try require(
                statistics == rebuilt.ends[end].synchronizer.indexStatistics, law,
                "the statistics differ: \(statistics)")
        }
        kept.random = RandomGenerator(seed: seed)
        rebuilt.random = RandomGenerator(seed: seed)
        for pair in [kept, rebuilt] {
            pair.start(at: 0, range: .full)
            try finish(pair, law)
        }
        try require(
            kept.trace == rebuilt.trace, law, "a session over the kept index differs from one over a rebuilt index")
        try require(kept.ends[0].store == kept.ends[1].store, law, "the replicas still differ")
    }

    func checkDeterminism() throws {
        let traces = try (0..<2).map { _ in
            let pair = pair(500, differing: 60, 500)
            pair.faults = SyncLawPair.Faults(loss: 0.05, duplication: 0.2)
            for session in 0..<6 { pair.start(at: session % 2, range: .full, after: session * 40) }
            try require(pair.run(), "determinism", "sessions run forever")
            return pair.trace
        }
        try require(traces[0] == traces[1], "determinism", "the same seed gave different effects")
    }
}
