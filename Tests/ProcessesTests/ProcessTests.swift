import Foundation
import Testing

@testable import Processes

/// Programs that are started, watched and ended, and what the system says of them.
@Suite struct ProcessTests {
    @Test func outputAndStatusOfAProgram() throws {
        let done = try CommandOutput.run(["sh", "-c", "echo out; echo err >&2; exit 3"], within: .seconds(60))
        #expect(done.status == 3)
        #expect(done.output == "out\n")
        #expect(done.errors == "err\n")
        #expect(throws: ProcessError.self) { try CommandOutput.run(["no-such-program-here"], within: .seconds(60)) }
    }

    @Test func aProgramThatDoesNotEndIsEnded() throws {
        #expect(throws: ProcessError.self) { try CommandOutput.run(["sleep", "600"], within: .milliseconds(200)) }
    }

    @Test func anEndIsSeenAndASignalToTheDeadIsNot() async throws {
        let log = FileManager.default.temporaryDirectory.path + "/child-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: log) }
        let sleeper = try ChildProcess(["sleep", "600"], log: log)
        #expect(sleeper.hasEnded == nil)
        sleeper.signal(SIGKILL)
        #expect(await sleeper.end(within: .seconds(60)) == .signalled(SIGKILL))
        sleeper.signal(SIGKILL)
        let talker = try ChildProcess(["sh", "-c", "echo hello; exit 4"], log: log)
        #expect(await talker.end(within: .seconds(60)) == .exited(4))
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "hello\n")
    }

    @Test func whatAnEndedProcessHadUsedIsKnown() async throws {
        let counting = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
        let busy = try ChildProcess(["sh", "-c", counting], log: "/dev/null")
        let running = try #require(busy.figures)
        #expect(running.residentBytes > 0 || busy.hasEnded != nil)
        #expect(await busy.end(within: .seconds(60)) == .exited(0))
        let after = try #require(busy.figures)
        #expect(after.processorSeconds > 0)
        #expect(after.residentBytes == 0)
    }

    /// Numbers that the guard's shell does not know once doubled its list each time, until it did nothing but copy.
    @Test func theGuardForgetsWhatItDoesNotKnowAndEndsTheRest() async throws {
        let (guarded, kept) = (try ChildProcess(["sleep", "600"], log: "/dev/null"), Process())
        kept.executableURL = URL(fileURLWithPath: "/bin/sleep")
        kept.arguments = ["600"]
        try kept.run()
        // Not SIGTERM: a child may have been started with it blocked, and would keep this process' output open.
        defer { kill(kept.processIdentifier, SIGKILL) }
        let shell = Process()
        let input = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", ProcessGuard.script]
        shell.standardInput = input
        try shell.run()
        let own = kept.processIdentifier
        let lines =
            ["watch \(guarded.pid)", "watch \(own)", "forget \(own)"]
            + [String](repeating: "forget \(own)", count: 60)
        try input.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
        try input.fileHandleForWriting.close()
        #expect(await guarded.end(within: .seconds(60)) == .signalled(SIGKILL))
        #expect(kept.isRunning)
        let deadline = ContinuousClock.now + .seconds(60)
        while shell.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!shell.isRunning)
        if shell.isRunning { shell.terminate() }
    }

    @Test func figuresOfThisProcess() throws {
        let figures = try #require(ProcessFigures.of(getpid()))
        #expect(figures.residentBytes > 1 << 20)
        #expect(figures.processorSeconds >= 0)
    }

    @Test func namesWithParenthesesDoNotShiftTheFields() throws {
        let fields = (3...52).map { "\($0)" }.joined(separator: " ")
        let figures = try #require(
            ProcessFigures(
                stat: "42 (evil) 9 9 (x) \(fields)", status: "Name:\tx\nVmRSS:\t  2048 kB\n", ticksPerSecond: 100))
        #expect(figures.processorSeconds == 0.29)
        #expect(figures.residentBytes == 2048 << 10)
    }

    @Test(arguments: ["", "42", "42 (x", "42 (x) S 1 2", "42 (x) a b c d e f g h i j k l m n"])
    func strangeTextsAreRefused(_ stat: String) {
        #expect(ProcessFigures(stat: stat, status: "", ticksPerSecond: 100) == nil)
    }
}
