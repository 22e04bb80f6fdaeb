import Composition
import Foundation
import Testing

/// Files of the repository that are made from the code: current, or made anew with STATOR_REWRITE=1.
@Suite struct GeneratedFilesTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let advice: Comment =
        "made from the code; STATOR_REWRITE=1 swift test --filter CompositionTests makes it anew"

    private func check(_ path: String, is expected: (String) -> String) throws {
        let file = Self.root.appending(path: path)
        let found = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let wanted = expected(found)
        if ProcessInfo.processInfo.environment["STATOR_REWRITE"] == "1", found != wanted {
            try wanted.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(found == wanted, Self.advice)
        }
    }

    @Test func schemaIsCurrent() throws {
        try check("configs/schema/node.json") { _ in NodeSchema.json(.standard) }
    }

    @Test func referenceIsCurrent() throws {
        let begin = "<!-- reference: made from the code -->\n"
        let end = "<!-- end of reference -->"
        try check("docs/configuration.md") { found in
            guard let start = found.firstRange(of: begin), let stop = found.firstRange(of: end) else {
                Issue.record("docs/configuration.md has lost the marks around its reference")
                return found
            }
            return found[..<start.upperBound] + "\n" + NodeReference.markdown(.standard) + found[stop.lowerBound...]
        }
    }

    @Test func schemaIsJSONAndKnowsEveryField() throws {
        let text = NodeSchema.json(TestStrategies.registry)
        let schema = try JSONParser.parse(Array(text.utf8))
        #expect(schema["additionalProperties"] == .boolean(false))
        let w = schema["properties"]?["replication"]?["properties"]?["w"]
        #expect(w?["type"] == .text("integer"))
        #expect(w?["minimum"] == .integer(1))
        #expect(w?["default"] == .integer(2))
        guard case .array(let kinds) = schema["properties"]?["strategies"]?["properties"]?["partitioner"]?["oneOf"]
        else {
            Issue.record("no alternatives")
            return
        }
        #expect(kinds.map { $0["properties"]?["kind"]?["const"] } == [.text("vnode-ring"), .text("md5-ring")])
        #expect(kinds.map { $0["required"] } == [nil, .array([.text("kind")])])
    }
}
