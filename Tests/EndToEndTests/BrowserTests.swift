import Foundation
import Testing

extension EndToEnd {
    /// The dashboard in a real browser: `Tests/Browser/dashboard.py` uses it as a person would.
    @Suite struct Browser {
        @Test(.enabled(if: BrowserTool.found != nil, "Chromium or its driver is missing: scripts/test installs both"))
        func aPersonWatchesBreaksAndMendsACluster() throws {
            let tool = try #require(BrowserTool.found)
            let cluster = try LocalSupervisor()
            defer { cluster.end() }
            try cluster.up(nodes: 4)
            try cluster.waitUntilAllServe()
            let node = try #require(try cluster.node("A")["url"].text)
            let pictures = ProcessInfo.processInfo.environment["STATOR_PICTURES"] ?? cluster.folder.path
            let ended = try ChildProcess.run(
                [tool.python, tool.script, try cluster.dashboard, node, pictures, "--chromium", tool.chromium],
                within: 400)
            #expect(ended.status == 0, "\(ended.output.suffix(8000))\n\(ended.errors.suffix(4000))")
            #expect(ended.output.hasSuffix("ok: all\n"))
            for name in ["siblings", "killed", "healed", "cut", "grown", "dark", "node"] {
                let size = try Data(contentsOf: URL(fileURLWithPath: "\(pictures)/\(name).png")).count
                #expect(size > 10_000, "\(name)")
            }
        }
    }
}

/// What a test drives a browser with.
private struct BrowserTool {
    let python: String
    let script: String
    let chromium: String

    /// `nil` where something is missing.
    static let found: BrowserTool? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let python = "\(root)/.build/browser/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python),
            let chromium = Binaries.system("chromium") ?? Binaries.system("chromium-browser"),
            (try? ChildProcess.run([python, "-c", "import playwright"]).status) == 0
        else { return nil }
        return BrowserTool(python: python, script: "\(root)/Tests/Browser/dashboard.py", chromium: chromium)
    }()
}
