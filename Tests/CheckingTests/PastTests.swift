import Checking
import StatorCore
import Testing

@Suite struct PastTests {
    /// Enough events for several pages of the table, with pasts that share and differ.
    @Test func pastsAreClosedTransitively() {
        var random = RandomGenerator(seed: 7)
        var operations: [HistoryOperation] = []
        var pasts: [Set<Int>] = []
        for index in 0..<1500 {
            var direct: Set<Int> = []
            for _ in 0..<random.below(3) where index > 0 { direct.insert(max(0, index - 1 - random.below(40))) }
            if index > 0, random.chance(0.01) { direct.insert(random.below(index)) }
            pasts.append(direct.reduce(into: direct) { $0.formUnion(pasts[$1]) })
            operations.append(
                HistoryOperation(
                    id: index, client: 1, kind: .write, key: "k", value: "\(index)", saw: direct.sorted(),
                    start: Int64(index), end: Int64(index)))
        }
        operations.shuffle(using: &random)
        let key = IndexedHistory(History(operations)).keys[0]
        #expect(key.events.map(\.id) == Array(0..<1500))
        for later in key.events.indices {
            let past = key.events.indices.filter { key.isPast($0, of: later) }
            #expect(past == pasts[later].sorted(), "event \(later)")
            #expect(key.covers(later, later))
        }
    }

    @Test func aLongChainOfWritesNeedsNoRecursion() {
        let count = 20_000
        var operations: [HistoryOperation] = []
        for index in 0..<count {
            operations.append(
                HistoryOperation(
                    id: index, client: index % 7, kind: .write, key: "k", value: "\(index)",
                    saw: index == 0 ? [] : [index - 1], start: Int64(index), end: Int64(index)))
        }
        operations.append(
            HistoryOperation(
                id: count, client: 1, kind: .read, key: "k", values: ["\(count - 1)"], shows: [count - 1],
                start: Int64(count), end: Int64(count), isFinal: true))
        let history = IndexedHistory(History(operations))
        let key = history.keys[0]
        #expect(key.isPast(0, of: count - 1))
        #expect(key.isPast(15_000, of: 15_001))
        #expect(!key.isPast(15_001, of: 15_000))
        #expect(history.defects.unkeptPasts == 0)
        #expect(LostWrites().check(history, .all).violationCount == 0)
    }

    @Test func writesThatSawEachOtherAreReportedAndPermissive() {
        var maker = HistoryMaker()
        maker.write("a", saw: [2])
        maker.write("b", saw: [1])
        maker.write("c", saw: [2])
        maker.write("d", saw: [])
        maker.finalRead(["c"], shows: [3])
        let shape = maker.verdict(HistoryShape())
        #expect(shape.violations.map(\.operations) == [[1], [2], [3]])
        #expect(shape.fails)
        #expect(maker.violations(LostWrites()) == [])
    }

    @Test func aWriteThatSawItselfIsReported() {
        var maker = HistoryMaker()
        maker.write("a", saw: [1])
        #expect(maker.violations(HistoryShape()) == [[1]])
    }

    @Test func aRecordersMistakesAreReported() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.write("a", saw: [1])
        maker.write("b", saw: [1, 77])
        #expect(maker.violations(HistoryShape()) == [[2], [3]])
        var history = maker.history
        history.append(history.operations[0])
        let verdict = HistoryShape().check(IndexedHistory(history), Promises())
        #expect(verdict.violations[0].operations == [1])
        #expect(verdict.fails)
    }

    @Test func aSoundHistoryHasItsShape() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.write("a", key: "other", saw: [])
        maker.delete(saw: [1])
        maker.finalRead([], shows: [3])
        let verdict = maker.verdict(HistoryShape())
        #expect(verdict.violationCount == 0)
        #expect(verdict.measure("keys") == 2)
        #expect(verdict.measure("writes and deletes") == 3)
        #expect(verdict.measure("final reads") == 1)
    }
}
