import Foundation
import Testing

/// A text file of `Tests/Scenarios`.
struct ScenarioFile: Sendable, CustomTestStringConvertible {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Scenarios")

    /// All of them, in the order of their names.
    static let all: [ScenarioFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().map { ScenarioFile(name: $0) }
    }()

    /// Those whose names contain what `STATOR_SCENARIO` says; all without it.
    static let chosen: [ScenarioFile] = {
        guard let part = ProcessInfo.processInfo.environment["STATOR_SCENARIO"] else { return all }
        return all.filter { $0.name.contains(part) }
    }()

    let name: String

    var path: String { "Tests/Scenarios/\(name)" }
    var testDescription: String { name }
    private var url: URL { Self.folder.appendingPathComponent(name) }

    func read() throws(ScenarioError) -> String {
        do {
            return try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw ScenarioError(line: 1, message: "cannot be read: \(error)")
        }
    }

    func write(_ text: String) throws(ScenarioError) {
        do {
            try Data(text.utf8).write(to: url)
        } catch {
            throw ScenarioError(line: 1, message: "cannot be written: \(error)")
        }
    }

    /// Where a failure is, for editors.
    func location(line: Int) -> SourceLocation {
        SourceLocation(fileID: "Scenarios/\(name)", filePath: url.path, line: line, column: 1)
    }
}
