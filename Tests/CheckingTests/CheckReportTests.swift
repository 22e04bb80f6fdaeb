import Checking
import Testing

@Suite struct CheckReportTests {
    private func verdict(_ name: String, isPromised: Bool, count: Int, checked: Int = 9) -> Verdict {
        Verdict(
            checker: name, isPromised: isPromised, checked: checked,
            violations: (0..<count).map {
                Violation(checker: name, key: "k\"", operations: [$0, 7], message: "message \($0)")
            }, rates: [Rate("rate", 1, of: 3)], measures: [Measure("measure", 1.5, "ms")])
    }

    @Test func onlyPromisesMakeARunUnclean() {
        #expect(
            CheckReport([verdict("a", isPromised: true, count: 0), verdict("b", isPromised: false, count: 3)]).isClean)
        #expect(!CheckReport([verdict("a", isPromised: true, count: 1)]).isClean)
        #expect(CheckReport([verdict("a", isPromised: true, count: 0, checked: 0)]).unchecked == ["a"])
    }

    @Test func aVerdictKeepsTwentyViolationsAndCountsAll() {
        let verdict = verdict("a", isPromised: true, count: 33)
        #expect(verdict.violations.count == Verdict.maximumViolations)
        #expect(verdict.violationCount == 33)
        #expect(CheckReport([verdict]).description.contains("and 13 more"))
    }

    @Test func theTextIsForPeople() {
        let report = CheckReport([
            verdict("long-name", isPromised: true, count: 1), verdict("a", isPromised: false, count: 0),
            verdict("b", isPromised: true, count: 0, checked: 0),
        ])
        #expect(
            report.description == """
                NOT CLEAN: a promise was broken
                long-name  BROKEN, 1 violation, 9 checked
                    rate: 1 of 3
                    measure: 1.5 ms
                    - long-name at key "k"": message 0
                a          not promised, 0 violations, 9 checked
                    rate: 1 of 3
                    measure: 1.5 ms
                b          nothing to check
                    rate: 1 of 3
                    measure: 1.5 ms

                """)
    }

    @Test func theHeadlineSaysWhatCouldNotBeChecked() {
        func headline(_ verdicts: Verdict...) -> String {
            String(CheckReport(verdicts).description.split(separator: "\n")[0])
        }
        let (held, unchecked) = (
            verdict("a", isPromised: true, count: 0), verdict("b", isPromised: true, count: 0, checked: 0)
        )
        #expect(headline(held) == "clean: no promise was broken")
        #expect(headline(held, unchecked) == "no promise was broken, but nothing was there to check of: b")
        #expect(headline(unchecked, verdict("c", isPromised: true, count: 1)) == "NOT CLEAN: a promise was broken")
        #expect(headline(verdict("d", isPromised: false, count: 0, checked: 0)) == "clean: no promise was broken")
    }

    @Test func theJSONHasItsMembersInOrder() {
        let report = CheckReport([verdict("a", isPromised: true, count: 1)])
        #expect(
            report.json == """
                {"clean":false,"unchecked":[],"verdicts":[{"checker":"a","promised":true,"checked":9,"violations":1,\
                "examples":[{"key":"k\\"","operations":[0,7],"message":"message 0"}],\
                "rates":[{"name":"rate","count":1,"total":3}],\
                "measures":[{"name":"measure","value":1.5,"unit":"ms"}]}]}
                """)
        #expect(CheckReport().json == #"{"clean":true,"unchecked":[],"verdicts":[]}"#)
    }

    @Test func figuresThatAreNoNumbersAreNull() {
        let verdict = Verdict(
            checker: "a", isPromised: false, checked: 1,
            measures: [
                Measure("x", .nan, ""), Measure("y", -0.0004, ""), Measure("z", 1e300, ""), Measure("w", -2.25, ""),
            ])
        let json = CheckReport([verdict]).json
        #expect(json.contains(#"{"name":"x","value":null,"unit":""}"#))
        #expect(json.contains(#"{"name":"y","value":0,"unit":""}"#))
        #expect(json.contains(#"{"name":"z","value":1e+300,"unit":""}"#))
        #expect(json.contains(#"{"name":"w","value":-2.25,"unit":""}"#))
    }

    @Test func checkersAreFoundByTheirNames() {
        #expect(
            HistoryChecks.names == [
                "history-shape", "lost-writes", "real-time-order", "false-concurrency", "false-dominance",
                "context-wins", "resurrected-deletes", "read-your-writes", "monotonic-reads", "monotonic-writes",
                "writes-follow-reads", "single-value", "conditional-writes", "invented-values", "staleness",
                "availability",
            ])
        for name in HistoryChecks.names { #expect(HistoryChecks.checker(named: name)?.name == name) }
        #expect(HistoryChecks.checker(named: "linearizability") == nil)
    }

    /// Each checker by its own promise, and no other.
    @Test func aPromiseMakesItsCheckersBinding() {
        let promises: [(WritableKeyPath<Promises, Bool>, [String])] = [
            (\.keepsAcknowledged, ["lost-writes", "false-dominance", "real-time-order"]),
            (\.noFalseConcurrency, ["false-concurrency"]), (\.conditionsInOrder, ["conditional-writes"]),
            (\.contextWins, ["context-wins"]), (\.clockIndependent, []), (\.singleValue, ["single-value"]),
            (\.readYourWrites, ["read-your-writes"]), (\.monotonicReads, ["monotonic-reads"]),
            (\.monotonicWrites, ["monotonic-writes"]), (\.writesFollowReads, ["writes-follow-reads"]),
            (\.noResurrection, ["resurrected-deletes"]), (\.liveness, ["liveness"]),
        ]
        let history = IndexedHistory(History())
        let checkers: [any HistoryChecker] = HistoryChecks.standard + [LivenessChecker(bound: 1, healTime: 0)]
        for (promise, names) in promises {
            var only = Promises()
            only[keyPath: promise] = true
            let binding = HistoryChecks.report(history, only, checkers: checkers).verdicts.filter(\.isPromised)
            #expect(binding.map(\.checker).sorted() == (names + ["history-shape", "invented-values"]).sorted())
        }
    }
}
