import BenchKit
import Checking
import ConflictResolution
import StatorCore
import Testing

/// Random histories, against event sets that are worked out here.
@Suite struct ReplayPropertyTests {
    /// Writes that saw some of the maximal events of their key, through three nodes, with long closed lists among them.
    private func randomHistory(_ seed: UInt64, operations: Int = 120) -> History {
        var random = RandomGenerator(seed: seed)
        var history = History()
        var pasts: [Set<Int>] = []
        var maximal: [[Int]] = [[], [], []]
        for id in 0..<operations {
            let key = random.below(3)
            let direct = maximal[key].filter { _ in random.chance(0.7) }
            var past = Set(direct)
            for event in direct { past.formUnion(pasts[event]) }
            pasts.append(past)
            let isDelete = random.chance(0.15)
            history.append(
                HistoryOperation(
                    id: id, client: random.below(4), kind: isDelete ? .delete : .write, key: "k\(key)",
                    value: isDelete ? nil : "v\(id)", basis: random.chance(0.5) ? .held : .context,
                    saw: random.chance(0.3) ? past.sorted() : direct, start: Int64(id) * 10_000,
                    end: Int64(id) * 10_000 + Int64(random.below(100_000)),
                    node: ["A", "B", "C"][random.below(3)]))
            maximal[key] = maximal[key].filter { !past.contains($0) } + [id]
        }
        return history
    }

    private func pasts(_ history: History) -> [Set<Int>] {
        var pasts: [Set<Int>] = []
        for operation in history.operations {
            let saw = operation.saw ?? []
            pasts.append(saw.reduce(into: Set(saw)) { $0.formUnion(pasts[$1]) })
        }
        return pasts
    }

    @Test func dottedVersionVectorsShowExactlyWhatNothingSuperseded() {
        for seed in UInt64(1)...60 {
            let history = randomHistory(seed)
            let superseded = pasts(history).reduce(into: Set<Int>()) { $0.formUnion($1) }
            let maximal = history.operations.count { $0.kind == .write && !superseded.contains($0.id) }
            for offset in [Duration.zero, .seconds(3600)] {
                let options = ReplayOptions(clockOffsetMaximum: offset, seed: seed)
                let outcome = CounterfactualReplay(
                    history, resolver: ReplayKind.dotted.resolver, kind: "", options: options
                ).run()
                #expect(outcome.kept == history.operations.count)
                #expect(outcome.values == maximal && outcome.unsupersededValues == maximal)
                #expect([outcome.lost, outcome.falseSiblings, outcome.resurrected, outcome.repeated] == [0, 0, 0, 0])
                #expect(outcome.refused + outcome.refusedMerges + outcome.strange == 0)
            }
        }
    }

    @Test func withRightClocksLastWriterWinsLosesExactlyWhatTheLatestDidNotSee() {
        for seed in UInt64(1)...60 {
            let history = randomHistory(seed)
            let pasts = pasts(history)
            var kept = 0
            for key in ["k0", "k1", "k2"] {
                // Starts are apart, so that the latest is the last.
                guard let winner = history.operations.last(where: { $0.key == key }) else { continue }
                kept += pasts[winner.id].count + 1
            }
            for kind in [ReplayKind.wall, .hybrid] {
                let outcome = CounterfactualReplay(history, resolver: kind.resolver, kind: "").run()
                #expect(outcome.fate == [kept, history.operations.count - kept, 0])
            }
        }
    }

    @Test func hybridClocksNeverLoseAWriteToWhatItSuperseded() {
        var lostByWallClocks = 0
        for seed in UInt64(1)...60 {
            let history = randomHistory(seed)
            let options = ReplayOptions(clockOffsetMaximum: .milliseconds(100), seed: seed)
            let plan = ReplayPlan(history, options: options)
            let hybrid = CounterfactualReplay(plan, resolver: ReplayKind.hybrid.resolver, kind: "").run()
            #expect(hybrid.lostAfterSuperseding == 0)
            let wall = CounterfactualReplay(plan, resolver: ReplayKind.wall.resolver, kind: "").run()
            lostByWallClocks += wall.lostAfterSuperseding
        }
        #expect(lostByWallClocks > 0)
    }

    @Test func theOrderOfOperationsInTheHistoryDoesNotMatter() {
        for seed in UInt64(1)...20 {
            let history = randomHistory(seed)
            let reversed = History(history.operations.reversed())
            let options = ReplayOptions(clockOffsetMaximum: .milliseconds(500), seed: seed)
            for kind in ReplayKind.allCases {
                func outcome(_ history: History) -> ReplayOutcome {
                    CounterfactualReplay(history, resolver: kind.resolver, kind: "", options: options).run()
                }
                #expect(outcome(history) == outcome(history))
                #expect(outcome(history) == outcome(reversed))
            }
        }
    }

    /// Nothing is counted twice or left out.
    @Test func everyAcknowledgedEventIsKeptLostOrRefused() {
        for seed in UInt64(1)...20 {
            for kind in ReplayKind.allCases {
                let outcome = CounterfactualReplay(randomHistory(seed), resolver: kind.resolver, kind: "").run()
                #expect(outcome.kept + outcome.lost + outcome.refusedAcknowledged == outcome.acknowledged)
            }
        }
    }
}
