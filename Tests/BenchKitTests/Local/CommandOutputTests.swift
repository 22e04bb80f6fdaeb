import Testing

@testable import BenchKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct CommandOutputTests {
    @Test func outputErrorsAndStatusComeApart() throws {
        let run = try CommandOutput.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
        #expect(run.end == .exited(3))
        #expect(run.output == Array("out\n".utf8))
        #expect(run.text == "out" && run.errorText == "err")
        #expect(try CommandOutput.run(["sh", "-c", "printf ' \n\n'"]).text == "")
    }

    @Test func inputIsReadWholeOrNotAtAll() throws {
        let input = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try CommandOutput.run(["cat"], input: input).output == input)
        #expect(try CommandOutput.run(["true"], input: input).end.isSuccess)
        #expect(try CommandOutput.run(["cat"]).output.isEmpty)
    }

    @Test func bothStreamsMayBeFullAtOnce() throws {
        let script = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; "
            + "echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"
        let run = try CommandOutput.run(["sh", "-c", script])
        #expect(run.output.count == 41 * 3000 && run.errors.count == 41 * 3000)
    }

    @Test func programThatTakesTooLongIsKilledWithWhatItStarted() throws {
        let place = try ScratchFolder()
        let began = ContinuousClock.now
        let script = "sleep 60 & echo $! > pid; wait"
        let error = #expect(throws: LocalError.self) {
            try CommandOutput.run(["sh", "-c", script], within: .milliseconds(500), folder: place.path)
        }
        #expect(error == .tooLong(command: "sh -c \(script)", limit: .milliseconds(500)))
        #expect(ContinuousClock.now - began < .seconds(20))
        let pid = try #require(LocalFiles.lastLines(place.path + "/pid", count: 1).first.flatMap { Int32($0) })
        // Whoever reaps orphans may need a moment.
        for _ in 0..<2000 where isAlive(pid) { usleep(2000) }
        #expect(!isAlive(pid))
    }

    /// A zombie is not.
    private func isAlive(_ pid: Int32) -> Bool {
        guard kill(pid, 0) == 0 else { return false }
        let stat = LocalFiles.read("/proc/\(pid)/stat", maximum: 4096) ?? []
        return !String(decoding: stat, as: UTF8.self).contains(") Z ")
    }

    @Test func closedOutputDoesNotEndTheWait() throws {
        let run = try CommandOutput.run(["sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 5"])
        #expect(run.end == .exited(5))
        #expect(throws: LocalError.self) {
            try CommandOutput.run(["sh", "-c", "exec >&- 2>&-; sleep 60"], within: .milliseconds(200))
        }
    }

    @Test func tooMuchOutputIsRefused() throws {
        #expect(try CommandOutput.run(["head", "-c", "1000", "/dev/zero"], maximum: 1000).output.count == 1000)
        #expect(throws: LocalError.tooMuchOutput(command: "cat /dev/zero", maximum: 1000)) {
            try CommandOutput.run(["cat", "/dev/zero"], maximum: 1000)
        }
    }
}
