import Foundation
import Synchronization
import Testing

@testable import ClusterKit

/// Lines that are appended to logs are shown with their node's name, whole, once.
@Suite struct LogFollowerTests {
    private final class Lines: Sendable {
        let seen = Mutex<[String]>([])
        func add(_ node: String, _ line: String) { seen.withLock { $0.append("\(node): \(line)") } }
        var all: [String] { seen.withLock { $0 } }
    }

    private func withFolder(_ body: (ClusterFolder) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/follow-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try ClusterFolder(path)
        try folder.make()
        try await body(folder)
    }

    private func append(_ text: String, to path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let file = try #require(FileHandle(forWritingAtPath: path))
        file.seekToEndOfFile()
        file.write(Data(text.utf8))
        try file.close()
    }

    @Test func pastAndNewLinesOfSeveralNodes() async throws {
        try await withFolder { folder in
            let lines = Lines()
            try append("one\ntwo\nthree\n", to: folder.log("A"))
            var follower = LogFollower(["A"], of: folder, lines: 2, show: lines.add)
            #expect(lines.all == ["A: two", "A: three"])
            var looks = 0
            await follower.run {
                looks += 1
                if looks == 1 { try? append("fo", to: folder.log("A")) }
                if looks == 2 { try? append("ur\nfive\n", to: folder.log("A")) }
                // A node that came meanwhile is followed from its first line.
                if looks == 2 { try? append("hello\n", to: folder.log("B")) }
                return looks < 4
            } of: {
                looks < 2 ? ["A"] : ["A", "B"]
            }
            #expect(lines.all == ["A: two", "A: three", "A: four", "A: five", "B: hello"])
        }
    }

    @Test func aLogThatIsBegunAnewIsReadFromItsBeginning() async throws {
        try await withFolder { folder in
            let lines = Lines()
            try append("a long first line\n", to: folder.log("A"))
            var follower = LogFollower(["A"], of: folder, lines: 0, show: lines.add)
            var looks = 0
            await follower.run {
                looks += 1
                if looks == 1 { try? Data("anew\n".utf8).write(to: URL(fileURLWithPath: folder.log("A"))) }
                return looks < 3
            } of: {
                ["A"]
            }
            #expect(lines.all == ["A: anew"])
        }
    }

    @Test func oneSupervisorAFolder() async throws {
        try await withFolder { folder in
            #expect(!folder.isLocked)
            let claim = try folder.claim()
            #expect(folder.isLocked)
            #expect(throws: ClusterError.self) { try folder.claim() }
            claim.release()
            #expect(!folder.isLocked)
            #expect(throws: ClusterError.self) { try SupervisorAddress.find(in: folder) }
        }
    }
}
