import Checking
import Testing

@Suite struct StalenessTests {
    @Test func aReadIsAsStaleAsTheLatestWriteThatItMisses() {
        var maker = HistoryMaker()
        let ms: Int64 = 1_000_000
        maker.write("a", saw: [], at: 0...ms)
        maker.write("b", saw: [1], at: 2 * ms...3 * ms)
        maker.write("c", saw: [2], at: 4 * ms...5 * ms)
        maker.read(["a"], client: 2, shows: [1], at: 25 * ms...26 * ms)
        maker.read(["c"], client: 2, shows: [3], at: 30 * ms...31 * ms)
        let verdict = maker.verdict(Staleness())
        #expect(verdict.checked == 2)
        #expect(verdict.rate("stale reads") == Rate("stale reads", 1, of: 2))
        #expect(verdict.measure("staleness of stale reads, max") == 20)
        #expect(verdict.measure("events behind in stale reads, mean") == 2)
        let bucket = "fresh reads 10 to 100 ms after an acknowledgement"
        #expect(verdict.rate(bucket) == Rate(bucket, 1, of: 2))
        #expect(!verdict.isPromised)
    }

    @Test func writesUnderWayAreNotMissed() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.write("b", saw: [1], at: 100...200)
        maker.read(["a"], client: 2, shows: [1], at: 150...160)
        #expect(maker.verdict(Staleness()).rate("stale reads")?.count == 0)
    }

    @Test func aWriteThatIsLostInTheEndMakesNoReadStale() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        maker.write("b", client: 2, saw: [])
        maker.read(["b"], client: 3, shows: [2])
        #expect(maker.verdict(Staleness()).rate("stale reads")?.count == 1)
        maker.finalRead(["b"], shows: [2])
        #expect(maker.verdict(Staleness()).rate("stale reads")?.count == 0)
    }

    @Test func aDeletedValueIsStaleThoughTombstonesAreHidden() {
        var maker = HistoryMaker()
        maker.write("a", result: "c")
        maker.delete(context: "c", result: "d")
        maker.read([], client: 2)
        #expect(maker.verdict(Staleness()).rate("stale reads")?.count == 0)
        maker.read(["a"], client: 2)
        #expect(maker.verdict(Staleness()).rate("stale reads")?.count == 1)
    }

    @Test func aMissedDeleteIsOneEventBehind() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.delete(saw: [1])
        maker.read(["a"], client: 2, shows: [1])
        #expect(maker.verdict(Staleness()).measure("events behind in stale reads, max") == 1)
    }

    @Test func theMeasureAgreesWithEachReadLookedAtAlone() {
        for seed in 1...5 as ClosedRange<UInt64> {
            var run = ModelRun(seed: seed, store: ModelStore(replicas: 3, readQuorum: 1, writeQuorum: 1))
            run.operate(300)
            let history = IndexedHistory(run.history(isExact: true))
            var stale = 0
            for key in history.keys {
                for read in key.reads where !read.isFinal {
                    let isStale = key.events.indices.contains { index in
                        key.events[index].isAcknowledged && key.events[index].end <= read.start
                            && key.coverage(of: index, by: read) == .none
                    }
                    if isStale { stale += 1 }
                }
            }
            #expect(stale > 0)
            #expect(Staleness().check(history, Promises()).rate("stale reads")?.count == stale, "seed \(seed)")
        }
    }
}

@Suite struct AvailabilityTests {
    @Test func outcomesAreCountedByKind() {
        var maker = HistoryMaker()
        maker.write("a")
        maker.write("b", outcome: .failed)
        maker.write("c", outcome: .unknown)
        maker.read(["a"])
        let verdict = maker.verdict(Availability())
        #expect(verdict.rate("successful writes") == Rate("successful writes", 1, of: 3))
        #expect(verdict.rate("writes of unknown outcome")?.count == 1)
        #expect(verdict.rate("successful reads") == Rate("successful reads", 1, of: 1))
        #expect(verdict.rate("successful deletes")?.total == 0)
    }

    @Test func operationsAfterTheFaultsAreAnsweredInTime() {
        var maker = HistoryMaker()
        maker.write("a", outcome: .unknown, at: 0...500)
        maker.write("b", at: 1000...1100)
        maker.write("c", outcome: .failed, at: 1200...1210)
        let good = maker.verdict(LivenessChecker(bound: 100, healTime: 600))
        #expect(good.violationCount == 0)
        #expect(good.checked == 2)
        #expect(good.rate("operations refused")?.count == 1)
        let slow = maker.write("d", at: 1300...1401)
        let lost = maker.read([], outcome: .unknown, at: 1500...1510)
        #expect(maker.violations(LivenessChecker(bound: 100, healTime: 600)) == [[slow], [lost]])
    }

    @Test func extremeTimesDoNotTrap() {
        var maker = HistoryMaker()
        maker.write("a", saw: [], at: .min + 20 ... .min + 20)
        maker.write("b", at: .min + 20 ... .max - 20)
        maker.delete(at: .min + 20 ... .max - 20)
        maker.read(["a"], client: 2, at: .max - 30 ... .max - 20)
        let history = IndexedHistory(maker.history, reapAge: .max)
        #expect(!HistoryChecks.report(history, .all).verdicts.isEmpty)
        #expect(LivenessChecker(bound: 1, healTime: .min).check(history, .all).violationCount == 3)
    }
}
