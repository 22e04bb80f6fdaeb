import Foundation
import Testing

@Suite("The language of text scenarios")
struct TextScenariosGrammar {
    private func refusal(of text: String) -> ScenarioError? {
        do throws(ScenarioError) {
            _ = try ScenarioRun.outputs(of: try ScenarioScript(parsing: text), seed: 1)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What is refused

    @Test func anUnknownCommandIsRefusedWithItsLineAndWhatIsKnown() throws {
        let error = try #require(refusal(of: "# A story\n\ncluster nodes=3\nobliterate C\n----\nok\n"))
        #expect(error.line == 4)
        #expect(error.message.contains("'obliterate'"))
        #expect(error.message.contains("crash, stop, start"))
    }

    @Test func anUnknownOptionIsRefusedWithHowTheCommandIsWritten() throws {
        let error = try #require(refusal(of: "# A story\nput k v at=A ww=2\n----\n"))
        #expect(error.line == 2)
        #expect(error.message.contains("'ww'"))
        #expect(error.message.contains(ScenarioVerb.put.usage))
    }

    @Test(arguments: ["put k at=A", "put k v", "put k v w at=A", "heal now", "put k v at=A at=B", "counters"])
    func aCommandThatLacksSomethingOrHasTooMuchIsRefused(command: String) throws {
        #expect(try #require(refusal(of: "# A story\n\(command)\n----\n")).line == 2)
    }

    @Test(
        arguments: [
            ("# A story\nring", 2), ("# A story\nring\n\n----\n", 2), ("# A story\n----\nok\n", 2), ("# A story\n", 1),
            ("ring\n----\n", 1), ("# A story\nring\n----\nok\nring\n----\nok\n", 6),
        ])
    func aMalformedFileIsRefusedWithTheLine(text: String, line: Int) throws {
        #expect(try #require(refusal(of: text)).line == line)
    }

    @Test(
        arguments: [
            ("get k at=A", "no cluster yet"), ("cluster nodes=3 w=4", "replication"),
            ("cluster nodes=3\ncrash Q", "A, B, C"), ("cluster nodes=3\nstart A", "running"),
            ("cluster nodes=3\nput k v at=A context=lost", "no read was kept as 'lost'"),
            ("cluster nodes=3\ncounters wonders", "hintsCreated"), ("cluster nodes=3\nrun 5", "ms, s, min, h"),
            ("cluster nodes=3\nput k \"v at=A", "quote"), ("cluster nodes=3\npartition A B", "partition"),
            ("cluster nodes=3\n  put k v at=A", "concurrently"), ("concurrently", "indented"),
            ("concurrently\n  heal", "concurrently"), ("cluster nodes=3\ndelay 5ms..1ms", "backwards"),
        ])
    func whatCannotBeDoneSaysWhatCan(commands: String, hint: String) throws {
        let error = try #require(refusal(of: "# A story\n\(commands)\n----\n"))
        #expect(error.message.contains(hint), "\(error.message)")
    }

    // MARK: What is read

    @Test func quotesKeepSpacesAndSignsTogether() throws {
        let line = ScenarioScript.Line(number: 1, text: #"put "a key" "x=1 y" at=A if="seen""#)
        let command = try ScenarioCommand(parsing: line)
        #expect(command.arguments == ["a key", "x=1 y"])
        #expect(command.option("at") == "A")
        #expect(command.option("if") == "seen")
    }

    @Test func rangesOfNamesCountUp() throws {
        #expect(try ScenarioValues.names("item8..item10") == ["item8", "item9", "item10"])
        #expect(try ScenarioValues.names("cart") == ["cart"])
        #expect(try ScenarioValues.names("a1..b2") == ["a1..b2"])
        #expect(["k10", "k9", "a"].sortedByNumber() == ["a", "k9", "k10"])
    }

    @Test func timesAndSharesHaveUnits() throws {
        #expect(try ScenarioValues.time("-300s") == .seconds(-300))
        #expect(try ScenarioValues.time("+2min") == .seconds(120))
        #expect(try ScenarioValues.times("20ms..40ms") == .milliseconds(20)...(.milliseconds(40)))
        #expect(try ScenarioValues.share("10%") == 0.1)
        #expect(throws: CommandError.self) { try ScenarioValues.share("110%") }
    }

    // MARK: What is compared and written

    @Test func aDifferenceNamesFileLineExpectedAndFound() throws {
        let script = try ScenarioScript(parsing: "# A story\n\nring\n----\none\ntwo\nthree\n")
        let differences = ScenarioDifference.between(script, [["one", "2", "three"]], in: "story.txt", seed: 7)
        #expect(differences.count == 1)
        let difference = try #require(differences.first)
        #expect(difference.line == 6)
        #expect(
            difference.text == """
                story.txt:6: another output under seed 7 (- expected, + found) of
                  ring
                  one
                - two
                + 2
                  three
                """)
        #expect(ScenarioDifference.between(script, [["one", "two", "three"]], in: "story.txt", seed: 7).isEmpty)
    }

    @Test func aRewriteReplacesOutputsAndKeepsEverythingElse() throws {
        let text = "# A story\n\n# Prose.\nring\n# More.\nheal\n----\nold\nolder\n\n\n# The end.\nhints\n----\n"
        let script = try ScenarioScript(parsing: text)
        let written = script.text(outputs: [["new"], ["none"]])
        #expect(written == "# A story\n\n# Prose.\nring\n# More.\nheal\n----\nnew\n\n\n# The end.\nhints\n----\nnone\n")
        #expect(script.text(outputs: script.steps.map(\.output)) == text)
    }

    @Test func aRewrittenScenarioPasses() throws {
        let text = "# A story\n\ncluster nodes=3\nput k v at=A\nget k at=B\n----\nwrong\n"
        let outputs = try ScenarioRun.outputs(of: try ScenarioScript(parsing: text), seed: 1).outputs
        let written = try ScenarioScript(parsing: try ScenarioScript(parsing: text).text(outputs: outputs))
        #expect(written.steps.map(\.output) != [["wrong"]])
        let again = try ScenarioRun.outputs(of: written, seed: 1).outputs
        #expect(ScenarioDifference.between(written, again, in: "story.txt", seed: 1).isEmpty)
    }

    // MARK: What is documented

    @Test func thePageExplainsEveryCommand() throws {
        let page = try String(contentsOf: ScenarioFile.folder.appendingPathComponent("README.md"), encoding: .utf8)
        let missing = ScenarioVerb.allCases.map(\.usage).filter { !page.contains("`\($0)`") }
        #expect(missing == [])
    }

    @Test func everyCommandIsUsedInAScenario() throws {
        var used: Set<ScenarioVerb> = []
        for file in ScenarioFile.all {
            for step in try ScenarioScript(parsing: try file.read()).steps {
                for line in step.commandLines { used.insert(try ScenarioCommand(parsing: line).verb) }
            }
        }
        #expect(ScenarioVerb.allCases.filter { !used.contains($0) } == [])
    }
}
