import Foundation
import Testing

extension EndToEnd {
    /// What signals do to a node, and where its log goes.
    @Suite struct Signals {
        private static let alone: [String: any Sendable] = ["replication.n": 1, "replication.r": 1, "replication.w": 1]

        /// A cluster of one, which logs to standard error where no file is named.
        private func withNode(logFile: String? = nil, _ body: (ClusterNode, TemporaryFolder) throws -> Void) throws {
            var settings: [String: Any] = Self.alone
            if let logFile { settings["node.logFile"] = logFile }
            try withCluster(["A"], settings: settings) { cluster in
                try #require(try cluster["A"].client.put("key", "value").isStored)
                try body(cluster["A"], cluster.folder)
            }
        }

        private func isCleanStop(_ node: ClusterNode) -> Bool {
            !FileManager.default.fileExists(atPath: node.dataFolder + "/lock")
        }

        @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
        func aNodeStopsInOrder(signal: Int32) throws {
            try withNode { node, _ in
                let process = try #require(node.process)
                process.signal(signal)
                #expect(try process.waitForEnd(within: 60) == 0)
                #expect(isCleanStop(node) && node.logTail.contains("stopped"), "\(node.logTail)")
            }
        }

        @Test(arguments: [SIGUSR1, SIGUSR2])
        func signalsOfNoMeaningAreNoEnd(signal: Int32) throws {
            try withNode { node, _ in
                for _ in 0..<3 { node.process?.signal(signal) }
                let again = try node.client.put("key", "again")
                #expect(again.isStored)
                #expect(try node.terminate() == 0)
                #expect(isCleanStop(node))
            }
        }

        @Test func anIgnoredHangUpStaysIgnored() throws {
            try withCluster(["A"], settings: Self.alone, starting: false) { cluster in
                let node = cluster["A"]
                node.launcher = ["/usr/bin/nohup"]
                try cluster.startAndWait()
                node.process?.signal(SIGHUP)
                let stored = try node.client.put("key", "value")
                #expect(stored.isStored)
                #expect(try node.terminate() == 0)
            }
        }

        @Test func theLogGoesToItsFileAlone() throws {
            try withNode(logFile: "logs/own.log") { node, folder in
                let path = folder.path + "/logs/own.log"
                #expect(try node.terminate() == 0)
                let log = try String(contentsOfFile: path, encoding: .utf8)
                #expect(log.contains("serving HTTP") && log.contains("stopped"), "\(log)")
                // Standard output and error.
                #expect(try String(contentsOfFile: node.logPath, encoding: .utf8).isEmpty, "\(node.logTail)")
            }
        }

        @Test func whyANodeCannotStartIsInItsLogAndOnStandardError() throws {
            try withNode { node, folder in
                let path = folder.path + "/second.log"
                let second = try ChildProcess.run([
                    try Binaries.node(), "--config", node.configPath, "--set", "node.logFile=\(path)",
                ])
                #expect(second.status == 1)
                #expect(second.errors.split(separator: "\n").count == 1, "\(second.errors)")
                #expect(second.errors.contains(node.dataFolder))
                #expect(try String(contentsOfFile: path, encoding: .utf8).contains(node.dataFolder))
            }
        }

        /// As logrotate does it: the file is renamed, then the node is told.
        @Test func aHangUpOpensTheLogFileAnewAndTheNodeGoesOn() throws {
            try withNode(logFile: "own.log") { node, folder in
                let (path, old) = (folder.path + "/own.log", folder.path + "/own.log.1")
                for round in 0..<2 {
                    try? FileManager.default.removeItem(atPath: old)
                    try FileManager.default.moveItem(atPath: path, toPath: old)
                    node.process?.signal(SIGHUP)
                    try eventually("the log to be opened anew, round \(round)") {
                        (try? String(contentsOfFile: path, encoding: .utf8))?.contains("opened anew") == true
                    }
                    #expect(try node.client.put("key", "round \(round)").isStored)
                }
                // One that cannot be opened is said in the one that is open.
                try FileManager.default.removeItem(atPath: old)
                try FileManager.default.moveItem(atPath: path, toPath: old)
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                node.process?.signal(SIGHUP)
                try eventually("the old log to say so") {
                    try String(contentsOfFile: old, encoding: .utf8).contains("cannot write the log")
                }
                #expect(try node.terminate() == 0)
                #expect(try String(contentsOfFile: old, encoding: .utf8).contains("stopped"))
            }
        }
    }
}
