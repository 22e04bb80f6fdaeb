import Checking
import Testing

/// Checkers against a model of a store that keeps all promises, and against broken ones.
@Suite struct ModelTests {
    static let seeds = Array(1...12 as ClosedRange<UInt64>)

    private func run(_ seed: UInt64, bug: ModelStore.Bug? = nil) -> ModelRun {
        var run = ModelRun(seed: seed, store: ModelStore(replicas: 3, readQuorum: 2, writeQuorum: 2, bug: bug))
        run.operate(300)
        run.finish()
        return run
    }

    @Test(arguments: [true, false])
    func aStoreThatKeepsItsPromisesIsFoundClean(isExact: Bool) {
        for seed in ModelTests.seeds {
            let history = IndexedHistory(run(seed).history(isExact: isExact))
            let report = HistoryChecks.report(history, .all)
            #expect(report.isClean, "seed \(seed): \(report)")
            #expect(report.unchecked == [], "seed \(seed)")
        }
    }

    @Test func everyBugIsFoundByTheCheckerMadeForIt() {
        let bugs: [(ModelStore.Bug, [String])] = [
            (.losesRecords, [LostWrites.name, ReadYourWrites.name, MonotonicReads.name]),
            (.dropsSiblings, [LostWrites.name, FalseDominance.name, ReadYourWrites.name]),
            (.ignoresContexts, [FalseConcurrency.name, WritesFollowReads.name]),
            (.leavesNoTombstones, [ResurrectedDeletes.name, ContextWins.name]),
        ]
        for (bug, checkers) in bugs {
            var found: [String: Int] = [:]
            for seed in ModelTests.seeds {
                let history = IndexedHistory(run(seed, bug: bug).history(isExact: true))
                for verdict in HistoryChecks.report(history, .all).verdicts where verdict.fails {
                    found[verdict.checker, default: 0] += 1
                }
            }
            for checker in checkers { #expect(found[checker, default: 0] > 0, "\(bug), \(found)") }
        }
    }

    /// Records are lost whole, so what is derived from contexts is right as far as it goes.
    @Test func whatIsFoundWithoutTheStoresKnowledgeIsFoundWithIt() {
        var found = 0
        for seed in ModelTests.seeds {
            let run = run(seed, bug: .losesRecords)
            let exact = LostWrites().check(IndexedHistory(run.history(isExact: true)), .all)
            let derived = LostWrites().check(IndexedHistory(run.history(isExact: false)), .all)
            let known = exact.violations.map { $0.operations[0] }
            for violation in derived.violations where exact.violationCount == exact.violations.count {
                found += 1
                #expect(known.contains(violation.operations[0]), "seed \(seed): \(violation)")
            }
        }
        #expect(found > 0)
    }
}
