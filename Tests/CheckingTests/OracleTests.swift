import Checking
import StatorCore
import Testing

/// Random small histories, checked by the definitions with nested loops.
@Suite struct OracleTests {
    /// One key: writes that saw any earlier ones, and reads that show anything.
    private struct Sample {
        var history = History()
        /// For each write by id, the ids that it superseded, closed.
        var pasts: [Int: Set<Int>] = [:]

        init(seed: UInt64) {
            var random = RandomGenerator(seed: seed)
            for id in 1...(2 + random.below(14)) {
                let earlier = (1..<id).filter { _ in random.chance(0.2) }
                let outcome: HistoryOperation.Outcome =
                    random.chance(0.7) ? .ok : random.chance(0.8) ? .unknown : .failed
                let start = Int64(random.below(100))
                history.append(
                    HistoryOperation(
                        id: id, client: random.below(3), kind: random.chance(0.2) ? .delete : .write, key: "k",
                        value: "v\(id)", saw: earlier, start: start, end: start + Int64(random.below(50)),
                        outcome: outcome))
                pasts[id] = earlier.reduce(into: Set(earlier)) { $0.formUnion(pasts[$1] ?? []) }
            }
            let writes = pasts.count
            for id in writes + 1...writes + 4 {
                let shows = (1...writes).filter { _ in random.chance(0.25) }
                let values = shows.filter { history.operations[$0 - 1].kind == .write }.map { "v\($0)" }
                let start = Int64(random.below(200))
                history.append(
                    HistoryOperation(
                        id: id, client: random.below(3), kind: .read, key: "k", values: values,
                        shows: shows, start: start, end: start + 5, isFinal: random.chance(0.5)))
            }
        }

        func covers(_ read: HistoryOperation, _ id: Int) -> Bool {
            (read.shows ?? []).contains { $0 == id || pasts[$0]?.contains(id) == true }
        }

        var events: [HistoryOperation] { history.operations.filter { $0.kind != .read } }
        var reads: [HistoryOperation] { history.operations.filter { $0.kind == .read } }
    }

    private static let seeds = 1...600 as ClosedRange<UInt64>

    private func first(_ verdict: Verdict) -> Set<Int> { Set(verdict.violations.map { $0.operations[0] }) }

    @Test func lostWritesAgreesWithItsDefinition() {
        for seed in OracleTests.seeds {
            let sample = Sample(seed: seed)
            let lost = sample.events.filter { event in
                event.outcome == .ok
                    && sample.reads.contains { $0.isFinal && event.end <= $0.start && !sample.covers($0, event.id) }
            }
            let verdict = LostWrites().check(IndexedHistory(sample.history), .all)
            #expect(first(verdict) == Set(lost.map(\.id)), "seed \(seed)")
        }
    }

    @Test func falseConcurrencyAgreesWithItsDefinition() {
        for seed in OracleTests.seeds {
            let sample = Sample(seed: seed)
            let wrong = sample.reads.filter { read in
                let shows = read.shows ?? []
                return shows.contains { one in shows.contains { sample.pasts[$0]?.contains(one) == true } }
            }
            let verdict = FalseConcurrency().check(IndexedHistory(sample.history), .all)
            #expect(first(verdict) == Set(wrong.map(\.id)), "seed \(seed)")
        }
    }

    @Test func resurrectedDeletesAgreesWithItsDefinition() {
        for seed in OracleTests.seeds {
            let sample = Sample(seed: seed)
            var wrong: Set<Int> = []
            for delete in sample.events where delete.kind == .delete && delete.outcome == .ok {
                for read in sample.reads where read.isFinal && delete.end <= read.start {
                    let shown = sample.events.filter { $0.kind == .write && read.shows?.contains($0.id) == true }
                    if shown.contains(where: { sample.pasts[delete.id]?.contains($0.id) == true }) {
                        wrong.insert(read.id)
                    }
                }
            }
            let verdict = ResurrectedDeletes().check(IndexedHistory(sample.history), Promises(noResurrection: true))
            #expect(Set(verdict.violations.map { $0.operations[2] }) == wrong, "seed \(seed)")
        }
    }

    @Test func readYourWritesAgreesWithItsDefinitionAtTheFirstBreach() {
        for seed in OracleTests.seeds {
            let sample = Sample(seed: seed)
            for client in 0..<3 {
                let reads = sample.reads.filter { $0.client == client }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
                let wrong = reads.first { read in
                    sample.events.contains {
                        $0.client == client && $0.outcome == .ok && $0.end <= read.start && !sample.covers(read, $0.id)
                    }
                }
                let verdict = ReadYourWrites().check(IndexedHistory(sample.history), .all)
                let found = verdict.violations.map { $0.operations[1] }.first { id in reads.contains { $0.id == id } }
                #expect(found == wrong?.id, "seed \(seed), client \(client)")
            }
        }
    }

    @Test func monotonicReadsAgreesWithItsDefinitionAtTheFirstBreach() {
        for seed in OracleTests.seeds {
            let sample = Sample(seed: seed)
            for client in 0..<3 {
                let reads = sample.reads.filter { $0.client == client }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
                let wrong = reads.first { read in
                    reads.contains { earlier in
                        earlier.end <= read.start && (earlier.shows ?? []).contains { !sample.covers(read, $0) }
                    }
                }
                let verdict = MonotonicReads().check(IndexedHistory(sample.history), .all)
                let found = verdict.violations.compactMap(\.operations.last).first { id in
                    reads.contains { $0.id == id }
                }
                #expect(found == wrong?.id, "seed \(seed), client \(client)")
            }
        }
    }
}
