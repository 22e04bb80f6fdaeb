import BenchKit
import Checking
import Composition
import Testing

@Suite struct ReplayTextTests {
    private var outcomes: [ReplayOutcome] {
        var maker = ReplayMaker()
        for number in 0..<6 { maker.write("v\(number)", at: "N\(number % 2)") }
        return [ReplayKind.wall, .dotted].map { maker.replay($0, ReplayOptions(maximumExamples: 2)) }
    }

    @Test func theTableHasAColumnAResolverAndAlignsItsFigures() {
        let lines = ReplayText.table(outcomes).split(separator: "\n", omittingEmptySubsequences: false)
        let header = lines[0]
        #expect(header.hasSuffix("  lww-wall  dotted-version-vector"))
        let lost = lines.first { $0.hasPrefix("acknowledged and lost") }
        #expect(lost?.count == header.count)
        #expect(lost?.split(separator: " ").suffix(2) == ["5", "0"])
        let figures = lines.prefix { !$0.hasPrefix("lww-wall") }
        #expect(figures.filter { !$0.isEmpty }.allSatisfy { $0.count == header.count })
    }

    @Test func examplesAreCutAndNameTheirOperations() throws {
        let table = ReplayText.table(outcomes)
        let examples = table.split(separator: "\n").filter { $0.contains("key \"k\"") }
        #expect(examples.count == 2)
        #expect(
            examples.first == """
                    key "k": write 1 of "v0", acknowledged by N0 at 1 ms, is lost: the end shows write 6 of "v5", \
                and nothing there had seen it
                """)
    }

    @Test func theJSONHasEveryFigureOfTheOutcome() throws {
        guard case .array(let array) = ReplayText.json(outcomes) else {
            Issue.record("no array")
            return
        }
        #expect(array.map { $0["resolver"] } == [.text("lww-wall"), .text("dotted-version-vector")])
        #expect(array[0]["lost"] == .integer(5) && array[0]["lostToConcurrent"] == .integer(5))
        #expect(array[1]["values"] == .integer(6) && array[1]["meanSiblings"] == .number(6))
        guard case .array(let examples)? = array[0]["examples"] else {
            Issue.record("no examples")
            return
        }
        #expect(examples.count == 2)
        #expect(examples[0]["operations"] == .array([.integer(1), .integer(6)]))
    }

    @Test func textsFromOutsideStayWithinTheirLine() {
        var maker = ReplayMaker()
        maker.write("a\nb\u{202E}", at: "x\ny", key: "k\n\u{1B}")
        maker.write(String(repeating: "z", count: 5000), at: "B", key: "k\n\u{1B}")
        let table = ReplayText.table([maker.replay(.wall)])
        let example = table.split(separator: "\n").first { $0.contains("write 1") }
        #expect(example?.contains("write 2 of \"zzzz") == true)
        #expect(!table.unicodeScalars.contains("\u{1B}") && !table.unicodeScalars.contains("\u{202E}"))
        #expect(table.split(separator: "\n").allSatisfy { $0.count < 300 })
    }

    @Test func resolversAreFoundByTheirKindsAndWrongListsRefused() throws {
        let found = try ReplayResolver.named("lww-wall,lww-hlc,vector-clock,dotted-version-vector")
        #expect(found.map(\.kind) == ReplayKind.allCases.map(\.rawValue))
        func refusal(_ list: String) -> String? {
            do throws(ReplayResolver.Refusal) {
                _ = try ReplayResolver.named(list)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal("lww-wal")?.contains("did you mean \"lww-wall\"?") == true)
        #expect(refusal("")?.contains("found the conflict resolver \"\"") == true)
        #expect(refusal("lww-wall,lww-wall") == "found the conflict resolver lww-wall again, expected each kind once")
    }
}
