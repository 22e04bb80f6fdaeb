import Foundation
import Testing

/// The working copy that this file lies in.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let machines = [
        "StatorCore", "Hashing", "Partitioning", "ConflictResolution", "Membership", "Sync", "Replication",
        "NodeCore",
    ]

    /// All Swift files of the repository, by path, read once.
    private static let files = Result { try read("Modules", "Apps", "Tests", "Benchmarks", "examples") }

    /// The Swift files of these folders, by path.
    static func swiftFiles(in folders: String...) throws -> [SourceFile] {
        try files.get().filter { file in folders.contains { file.path.hasPrefix($0 + "/") } }
    }

    private static func read(_ folders: String...) throws -> [SourceFile] {
        var files: [SourceFile] = []
        for folder in folders {
            let base = root.appendingPathComponent(folder)
            let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
            for path in paths.sorted() where path.hasSuffix(".swift") && !path.contains(".build/") {
                let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
                files.append(SourceFile(path: "\(folder)/\(path)", text: text))
            }
        }
        return files
    }

    static func manifest() throws -> Manifest {
        try Manifest(text: String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8))
    }
}

/// Fails the running test once for each violation.
func report(_ violations: [Violation]) {
    for violation in violations { Issue.record("\(violation)") }
}
