import Checking
import Testing

@Suite struct LostWritesTests {
    @Test func anAcknowledgedWriteThatNothingSupersededMustBeShown() {
        var maker = HistoryMaker()
        let first = maker.write("a", client: 1, saw: [])
        let second = maker.write("b", client: 2, saw: [])
        let read = maker.finalRead(["b"], shows: [second])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.violations.map(\.operations) == [[first, read]])
        #expect(verdict.fails)
        #expect(verdict.rate("lost acknowledged writes") == Rate("lost acknowledged writes", 1, of: 2))
        #expect(verdict.rate("lost to concurrent writes")?.count == 1)
        #expect(verdict.violations[0].message.contains("\"a\""))
    }

    @Test func aWriteThatAShownOneSupersededThroughOthersIsKept() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        let third = maker.write("c", saw: [second])
        maker.finalRead(["c"], shows: [third])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.violationCount == 0)
        #expect(verdict.checked == 3)
        #expect(verdict.measure("kept only perhaps") == 0)
    }

    @Test func whatOnlyALostWriteSupersededIsLostToo() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first], outcome: .unknown)
        let other = maker.write("c", client: 2, saw: [])
        let read = maker.finalRead(["c"], shows: [other])
        #expect(second == 2)
        #expect(maker.violations(LostWrites()) == [[first, read]])
    }

    @Test func writesOfUnknownOutcomeMayBeMissingOrShown() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [], outcome: .unknown)
        let surfaced = maker.write("b", saw: [], outcome: .unknown)
        maker.write("c", saw: [], outcome: .failed)
        maker.finalRead(["b"], shows: [surfaced])
        let verdict = maker.verdict(LostWrites())
        #expect(first == 1)
        #expect(verdict.violationCount == 0)
        #expect(
            verdict.rate("writes of unknown outcome that took effect")
                == Rate("writes of unknown outcome that took effect", 1, of: 2))
    }

    @Test func aWriteOfUnknownOutcomeThatSurfacedCarriesWhatItSuperseded() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first], outcome: .unknown)
        maker.finalRead(["b"], shows: [second])
        #expect(maker.violations(LostWrites()) == [])
    }

    @Test func aLostDeleteIsFoundWhereTombstonesAreShown() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let delete = maker.delete(saw: [first])
        let read = maker.finalRead([], shows: [])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.violations.map(\.operations) == [[first, read], [delete, read]])
        #expect(verdict.rate("lost acknowledged deletes")?.count == 1)

        var kept = HistoryMaker()
        kept.write("a", saw: [])
        kept.delete(saw: [1])
        kept.finalRead([], shows: [2])
        #expect(kept.violations(LostWrites()) == [])
    }

    @Test func aTombstoneMayBeReapedOnceItIsOldEnough() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.delete(saw: [1])
        maker.finalRead([], shows: [])
        #expect(maker.violations(LostWrites(), reapAge: 5) == [])
        #expect(maker.violations(LostWrites(), reapAge: 1000).count == 2)
    }

    @Test func aHiddenTombstoneMayHaveSupersededAValue() {
        var maker = HistoryMaker()
        maker.write("a", result: "c1")
        maker.delete(context: "c1")
        maker.finalRead([])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.violationCount == 0)
        #expect(verdict.measure("kept only perhaps") == 2)
        // The same without the delete.
        var lost = HistoryMaker()
        lost.write("a", result: "c1")
        lost.finalRead([])
        #expect(lost.violations(LostWrites()) == [[1, 2]])
    }

    @Test func withoutAFinalReadNothingIsChecked() {
        var maker = HistoryMaker()
        maker.write("a", saw: [])
        maker.read([], shows: [])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.checked == 0)
        #expect(verdict.measure("keys without a final read") == 1)
        #expect(CheckReport([verdict]).unchecked == ["lost-writes"])
        // Nor with one that was not answered.
        maker.read([], isFinal: true, outcome: .unknown)
        #expect(maker.verdict(LostWrites()).checked == 0)
        #expect(maker.verdict(HistoryShape()).measure("final reads without an answer") == 1)
    }

    @Test func aWriteThatEndsAfterAFinalReadStartsIsNotExpectedThere() {
        var maker = HistoryMaker()
        maker.write("a", saw: [], at: 0...100)
        maker.read([], client: 2, shows: [], isFinal: true, at: 50...60)
        #expect(maker.verdict(LostWrites()).checked == 0)
    }

    @Test func lossIsARateWhereItIsNoViolation() {
        var maker = HistoryMaker()
        let first = maker.write("a", saw: [])
        let second = maker.write("b", saw: [first])
        maker.finalRead(["a"], shows: [first])
        let verdict = maker.verdict(LostWrites(), Promises(singleValue: true))
        #expect(!verdict.fails)
        #expect(verdict.violations[0].operations == [second, 3])
        #expect(verdict.rate("lost to what they had superseded")?.count == 1)
        #expect(verdict.rate("lost to concurrent writes")?.count == 0)
    }
}

/// What a checker may claim where pasts are derived from contexts.
@Suite struct UnknownPastTests {
    @Test func aWriteOnWhatItsCoordinatorHeldMayHaveSupersededWhatStartedBefore() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.write("b", client: 2)
        maker.finalRead(["b"])
        let verdict = maker.verdict(LostWrites())
        #expect(verdict.violationCount == 0)
        #expect(verdict.measure("kept only perhaps") == 1)
    }

    @Test func itCannotHaveSupersededWhatStartedAfterItWasAcknowledged() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.write("b", client: 2)
        maker.finalRead(["a"])
        #expect(maker.violations(LostWrites()) == [[2, 3]])
    }

    @Test func itCannotHaveSupersededWhatStartedAfterItWasShown() {
        var maker = HistoryMaker()
        maker.write("a", outcome: .unknown, at: 0...10)
        maker.read(["a"], client: 2, at: 20...30)
        maker.write("b", client: 2, basis: .none, at: 40...50)
        maker.finalRead(["a"])
        #expect(maker.violations(LostWrites()) == [[3, 4]])
    }

    @Test func aWriteOfUnknownOutcomeMayTakeEffectAfterItsClientGaveUp() {
        var maker = HistoryMaker()
        maker.write("a", outcome: .unknown, at: 0...10)
        maker.write("b", client: 2, basis: .none, at: 40...50)
        maker.finalRead(["a"])
        #expect(maker.violations(LostWrites()) == [])
    }

    @Test func whatSupersededAWriteIsNotSupersededByIt() {
        var maker = HistoryMaker()
        maker.write("a", outcome: .unknown, at: 0...10)
        maker.write("b", client: 2, saw: [1], at: 20...30)
        // Only now is the first shown, so it may have superseded what started before; but not its own successor.
        maker.finalRead(["a"])
        #expect(maker.violations(LostWrites()) == [[2, 3]])
    }

    @Test func aContextMayCoverTombstonesThatItsReadHid() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, basis: .none, result: "c1")
        maker.write("b", client: 2, basis: .none)
        maker.delete(client: 1, context: "c1")
        maker.read(["b"], client: 3, result: "c2")
        let next = maker.write("x", client: 3, context: "c2")
        maker.read(["x"], client: 3, shows: [next], result: "c3")
        let last = maker.write("y", client: 3, context: "c3")
        maker.finalRead(["y"], shows: [last])
        #expect(maker.violations(LostWrites()) == [])
        // A delete that failed covers nothing.
        var failed = HistoryMaker()
        failed.write("a", client: 1, basis: .none, result: "c1")
        failed.delete(client: 1, context: "c1", outcome: .failed)
        failed.finalRead([])
        #expect(failed.violations(LostWrites()) == [[1, 3]])
    }

    @Test func aWriteThatAskedForASiblingSupersedesNothing() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.write("b", client: 2, basis: .none)
        maker.finalRead(["b"])
        #expect(maker.violations(LostWrites()) == [[1, 3]])
    }

    @Test func theContextOfAReadSupersedesExactlyWhatItShowed() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, basis: .none)
        maker.write("b", client: 2, basis: .none)
        maker.read(["a"], client: 3, result: "c")
        maker.write("x", client: 3, context: "c")
        maker.finalRead(["x"])
        #expect(maker.violations(LostWrites()) == [[2, 5]])
    }

    @Test func theContextOfAWriteMayCoverWhatItsCoordinatorHeld() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, basis: .none)
        maker.write("b", client: 2, basis: .none, result: "c")
        maker.write("x", client: 2, context: "c")
        maker.finalRead(["x"])
        #expect(maker.violations(LostWrites()) == [])
        // A read that carried the same context tells what it covers.
        maker.read(["b"], client: 3, result: "c", at: 25...26)
        #expect(maker.violations(LostWrites()) == [[1, 4]])
    }

    @Test func aContextFromElsewhereIsPermissive() {
        var maker = HistoryMaker()
        maker.write("a", client: 1)
        maker.write("b", client: 2, context: "never given")
        maker.finalRead(["b"])
        #expect(maker.violations(LostWrites()) == [])
        #expect(maker.verdict(HistoryShape()).measure("contexts from elsewhere") == 1)
    }

    @Test func aContextOfAnotherKeyIsFromElsewhere() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, key: "other", result: "c")
        maker.write("b", client: 1)
        maker.write("x", client: 2, context: "c")
        maker.finalRead(["x"])
        #expect(maker.verdict(HistoryShape()).measure("contexts from elsewhere") == 1)
        #expect(maker.violations(LostWrites()) == [])
    }

    /// Two reads with one context, of which one lacks a sibling: what the writer did not see, it did not supersede.
    @Test func aWriterSupersedesWhatItsOwnReadShowed() {
        var maker = HistoryMaker()
        maker.write("a", client: 1, basis: .none)
        maker.write("b", client: 2, basis: .none)
        maker.read(["a", "b"], client: 4, result: "c")
        maker.read(["b"], client: 3, result: "c")
        maker.write("x", client: 3, context: "c")
        maker.finalRead(["x"])
        #expect(maker.violations(LostWrites()) == [[1, 6]])
    }
}
