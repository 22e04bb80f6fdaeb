import Checking
import Testing

@Suite struct RealTimeOrderTests {
    /// "b" is lost to "a".
    private func overtaken(_ first: ClosedRange<Int64>, _ second: ClosedRange<Int64>) -> HistoryMaker {
        var maker = HistoryMaker()
        let kept = maker.write("a", client: 1, saw: [], basis: .none, at: first)
        maker.write("b", client: 2, saw: [], basis: .none, at: second)
        maker.finalRead(["a"], shows: [kept])
        return maker
    }

    @Test func aWriteThatGaveWayToAnEarlierOneIsFound() {
        #expect(overtaken(0...10, 20...30).violations(RealTimeOrder()) == [[2, 1, 3]])
        let lost = overtaken(0...10, 20...30).verdict(LostWrites())
        #expect(lost.rate("lost to writes in force before they began")?.count == 1)
        #expect(lost.rate("lost to concurrent writes")?.count == 0)
    }

    @Test func oneThatLostARaceIsNot() {
        for second in [5...30, 0...3] as [ClosedRange<Int64>] {
            let maker = overtaken(0...10, second)
            #expect(maker.violations(RealTimeOrder()) == [])
            #expect(maker.verdict(LostWrites()).rate("lost to concurrent writes")?.count == 1)
        }
        var kept = HistoryMaker()
        kept.write("a", saw: [])
        kept.write("b", saw: [1])
        kept.finalRead(["b"], shows: [2])
        let verdict = kept.verdict(RealTimeOrder())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 2)
    }

    /// An unknown outcome counts as in force from the time on at which somebody saw it.
    @Test func whatWasSeenBeforeWasInForce() {
        var maker = HistoryMaker()
        let kept = maker.write("a", client: 1, saw: [], basis: .none, outcome: .unknown)
        maker.read(["a"], client: 3, shows: [kept])
        let lost = maker.write("b", client: 2, saw: [], basis: .none)
        let read = maker.finalRead(["a"], shows: [kept])
        #expect(maker.violations(RealTimeOrder()) == [[lost, kept, read]])
    }

    @Test func underLastWriterWinsItIsARate() {
        let verdict = overtaken(0...10, 20...30).verdict(RealTimeOrder(), Promises())
        #expect(!verdict.isPromised)
        #expect(verdict.rate("acknowledged writes that gave way to earlier ones")?.count == 1)
    }

    /// A write without context that is in force means to replace what was acknowledged before it.
    @Test func whatAWriteWithoutContextReplacedIsNotLost() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, saw: [])
        let later = maker.write("b", client: 2, saw: [])
        maker.finalRead(["b"], shows: [later])
        #expect(maker.verdict(RealTimeOrder(), Promises()).violationCount == 0)
    }
}
