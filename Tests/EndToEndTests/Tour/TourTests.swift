import Foundation
import Testing

extension EndToEnd {
    /// The README as a newcomer follows it: every command as it is written, on what the repository ships, with the
    /// outputs that are shown (``TranscriptOutput`` has what may differ).
    ///
    /// A command that only reads is repeated until it prints what is shown, a minute at most: the document does not say
    /// how long its reader takes. An `export` holds for all commands behind it.
    @Suite struct Tour {
        private static let patience = 90.0
        private static let readme = ShippedFiles.root + "/README.md"

        /// Runs commands in a folder as one shell would.
        private final class Reader {
            let files: ShippedFiles
            private var exports = ""
            private var output = TranscriptOutput()

            init() throws {
                files = try ShippedFiles(try PortMap.shippedIfFree())
                // Without a terminal curl shows its progress.
                try "silent\nshow-error\n".write(
                    toFile: files.folder.path + "/.curlrc", atomically: true, encoding: .utf8)
            }

            /// Standard output and error, as a terminal shows them.
            func run(_ command: String) throws -> (status: Int32, printed: String) {
                // redis-cli writes as for a terminal with FAKETTY.
                var words = [
                    "/usr/bin/env", "CURL_HOME=\(files.folder.path)", "FAKETTY=1", "STATOR_BIN_DIR=\(files.programs)",
                ]
                if files.ports.isMoved { words.append("STATOR_NODES=http://127.0.0.1:\(files.ports[5000])") }
                let place = "cd '\(files.folder.path)' && exec 2>&1\n"
                let ended = try ChildProcess.run(
                    words + ["/bin/bash", "-c", place + exports + files.ports.moved(command)], within: 240)
                return (ended.status, ended.output)
            }

            func follow(_ step: Transcript.Step) throws {
                if step.command.hasPrefix("export ") {
                    exports += step.command + "\n"
                    return
                }
                let command = output.command(step.command)
                let shown = step.output.map(files.ports.moved)
                var printed = ""
                let deadline = secondsNow() + Tour.patience
                repeat {
                    printed = try run(command).printed
                    if try output.matches(shown, printed) { return }
                    pause(0.5)
                } while step.isReading && secondsNow() < deadline
                Issue.record(
                    """
                    README.md:\(step.line): \(step.command)
                    --- shown
                    \(shown.joined(separator: "\n"))
                    --- printed
                    \(printed)
                    """)
            }
        }

        @Test func theTourIsAsItIsWritten() throws {
            let steps = Transcript(try String(contentsOfFile: Self.readme, encoding: .utf8), heading: "## A tour").steps
            try #require(steps.count > 15, "the tour is found")
            let reader = try Reader()
            defer {
                _ = try? reader.run("scripts/cluster down")
                reader.files.folder.remove()
            }
            let dashboard = reader.files.ports.isMoved ? " --dashboard \(reader.files.ports.dashboard)" : ""
            let started = try reader.run("scripts/cluster up --detach" + dashboard)
            try #require(started.status == 0, "\(started.printed)")
            for step in steps {
                if step.command.hasPrefix("redis-cli"), Binaries.system("redis-cli") == nil {
                    print("skipped, as there is no redis-cli: \(step.command)")
                    continue
                }
                try reader.follow(step)
            }
        }

        @Test func aWrongConfigurationIsRefusedAsShown() throws {
            let document = try String(contentsOfFile: Self.readme, encoding: .utf8)
            let steps = Transcript(document, heading: "### Comparing two").steps
            #expect(steps.map { $0.command.prefix { $0 != " " } } == ["stator-node"])
            let reader = try Reader()
            defer { reader.files.folder.remove() }
            let exports = Transcript(document, heading: "## A tour").steps.filter { $0.command.hasPrefix("export ") }
            for step in exports + steps { try reader.follow(step) }
        }
    }
}
