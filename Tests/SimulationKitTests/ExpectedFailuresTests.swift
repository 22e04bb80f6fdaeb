import Checking
import SimulationKit
import Testing

@Suite struct ExpectedFailuresTests {
    private func list(_ fields: String) -> ExpectedFailures? {
        ExpectedFailures(json: Array("[{\(fields)}]".utf8))
    }

    private func failed(_ checker: String, _ message: String) -> Verdict {
        let violation = Violation(checker: checker, key: "k", operations: [], message: message)
        return Verdict(checker: checker, isPromised: true, checked: 1, violations: [violation])
    }

    private static let whole = """
        "ledger": "copies", "file": "configs/simulation/store.json", "seed": 7, "settings": ["a.b=1"],
        "message": "was dropped", "reason": "It is known.", "removedBy": "later work"
        """

    @Test func aRunThatFailsInKnownLedgersOnlyIsKnown() throws {
        let known = try #require(list(Self.whole))
        #expect(known.entries.map(\.seed) == [7])
        #expect(known.entries[0].settings == ["a.b=1"])
        let (file, copies) = ("configs/simulation/store.json", failed("copies", "a copy was dropped"))
        #expect(known.contains([copies], in: file))
        #expect(known.contains([copies], in: "/somewhere/" + file))
        #expect(!known.contains([copies], in: "configs/simulation/strict.json"))
        #expect(!known.contains([copies, failed("dots", "it was dropped")], in: file))
        #expect(!known.contains([failed("copies", "a copy went with the disk")], in: file))
        #expect(!known.contains([], in: file))
    }

    @Test(arguments: ["", "\"ledger\": \"copies\"", ExpectedFailuresTests.whole + ", \"seed\": 1", "\"seed\": -1"])
    func whatLacksAFieldIsNoList(fields: String) {
        #expect(list(fields) == nil)
    }

    @Test func whatIsNoArrayIsNoList() {
        #expect(ExpectedFailures(json: Array("{}".utf8)) == nil)
        #expect(ExpectedFailures(json: Array("[".utf8)) == nil)
        #expect(ExpectedFailures(json: Array("[]".utf8))?.entries.isEmpty == true)
    }
}
