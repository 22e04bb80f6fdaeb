import Foundation
import Processes

/// One process that a test started, ended by its number, at the latest when the test's runner ends.
final class ChildProcess {
    private let process = Process()
    let name: String

    /// - Parameter log: where standard output and error are appended.
    init(_ name: String, _ command: [String], log: String, folder: String) throws {
        self.name = name
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        guard let output = FileHandle(forWritingAtPath: log) else { throw HarnessError("cannot write \(log)") }
        output.seekToEndOfFile()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        ProcessGuard.shared.watch(pid)
        try? output.close()
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) {
        if process.isRunning { kill(pid, number) }
    }

    /// Waits until it has ended and been reaped.
    /// - Returns: its exit status, or the negative number of the signal that ended it.
    func waitForEnd(within limit: Double) throws -> Int32 {
        let deadline = secondsNow() + limit
        while process.isRunning {
            guard secondsNow() < deadline else {
                throw HarnessError("\(name) (process \(pid)) has not ended within \(Int(limit)) s")
            }
            pause(0.002)
        }
        ProcessGuard.shared.forget(pid)
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Ends it whatever it takes.
    func end() {
        guard process.isRunning else { return ProcessGuard.shared.forget(pid) }
        signal(SIGCONT)
        signal(SIGTERM)
        if (try? waitForEnd(within: 10)) != nil { return }
        signal(SIGKILL)
        _ = try? waitForEnd(within: 10)
    }

    deinit { end() }

    /// Runs a program to its end.
    static func run(_ command: [String], within limit: Double = 30) throws -> Finished {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle.nullDevice
        let paths = [folder.path + "/out", folder.path + "/err"]
        for path in paths { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: paths[0])
        process.standardError = FileHandle(forWritingAtPath: paths[1])
        try process.run()
        ProcessGuard.shared.watch(process.processIdentifier)
        defer { ProcessGuard.shared.forget(process.processIdentifier) }
        let deadline = secondsNow() + limit
        while process.isRunning {
            if secondsNow() > deadline {
                kill(process.processIdentifier, SIGKILL)
                throw HarnessError("\(command.joined(separator: " ")) has not ended within \(Int(limit)) s")
            }
            pause(0.005)
        }
        let texts = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return Finished(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    struct Finished {
        var status: Int32
        var output: String
        var errors: String
    }
}
