import Testing

@testable import BenchKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Programs that are started, signalled and reaped.
@Suite struct ProcessTests {
    private func start(_ script: String, _ place: ScratchFolder) throws -> ChildProcess {
        try ChildProcess(["/bin/sh", "-c", script], folder: place.path, log: place.path + "/log")
    }

    @Test func endsAreToldApartByStatusAndSignal() async throws {
        let place = try ScratchFolder()
        let exits = try start("exit 7", place)
        #expect(await exits.waitForEnd(within: .seconds(20)) == .exited(7))
        let sleeps = try start("exec sleep 60", place)
        #expect(!sleeps.hasEnded)
        #expect(await sleeps.waitForEnd(within: .milliseconds(30)) == nil)
        #expect(sleeps.signal(SIGKILL))
        #expect(await sleeps.waitForEnd(within: .seconds(20)) == .killed(SIGKILL))
        #expect(ProcessEnd(waitStatus: 0).isSuccess)
        #expect(ProcessEnd(waitStatus: 0x0100) == .exited(1))
        // Signal 11 with the bit that says that there is a core.
        #expect(ProcessEnd(waitStatus: 0x8B) == .killed(11))
    }

    @Test func reapedProcessIsNoZombieAndIsSignalledNoMore() async throws {
        let place = try ScratchFolder()
        let process = try start("exit 0", place)
        #expect(await process.waitForEnd(within: .seconds(20)) == .exited(0))
        #expect(waitpid(process.pid, nil, WNOHANG) == -1 && errno == ECHILD)
        #expect(!process.signal(SIGTERM))
        #expect(process.usage != nil)
    }

    @Test func outputAndErrorsAreAppendedToTheLogInTheGivenFolder() async throws {
        let place = try ScratchFolder()
        for word in ["one", "two"] {
            let process = try start("echo \(word); pwd; echo bad >&2; cat", place)
            #expect(await process.waitForEnd(within: .seconds(20)) == .exited(0))
        }
        let real = try CommandOutput.run(["/bin/sh", "-c", "pwd -P"], folder: place.path).text
        let expected = ["one", place.path, "bad", "two", place.path, "bad"]
        let found = LocalFiles.lastLines(place.path + "/log", count: 100).map { $0 == real ? place.path : $0 }
        #expect(found == expected)
        #expect(LocalFiles.lastLines(place.path + "/log", count: 2).last == "bad")
    }

    @Test func processIsInAGroupOfItsOwnWithNothingIgnored() async throws {
        let place = try ScratchFolder()
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        let process = try start("kill -USR2 $$; sleep 60", place)
        #expect(getpgid(process.pid) == process.pid || process.hasEnded)
        #expect(await process.waitForEnd(within: .seconds(20)) == .killed(SIGUSR2))
    }

    @Test func processThatDoesNotEndIsKilledAfterTheGraceAlsoWhenStopped() async throws {
        let place = try ScratchFolder()
        let deaf = try start("trap '' TERM; echo ready; while :; do sleep 1; done", place)
        while LocalFiles.lastLines(place.path + "/log", count: 1).isEmpty { usleep(1000) }
        #expect(await deaf.end(grace: .milliseconds(200)) == .killed(SIGKILL))
        let stopped = try start("exec sleep 60", place)
        stopped.signal(SIGSTOP)
        #expect(await stopped.end(grace: .seconds(20)) == .killed(SIGTERM))
    }

    @Test func waitingGoesOnInATaskThatIsCancelled() async throws {
        let place = try ScratchFolder()
        let process = try start("sleep 0.3", place)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await process.waitForEnd(within: .seconds(20))
        }
        #expect(await task.value == .exited(0))
    }

    @Test func releasedProcessIsKilled() async throws {
        let place = try ScratchFolder()
        var process: ChildProcess? = try start("exec sleep 60", place)
        let pid = try #require(process?.pid)
        #expect(kill(pid, 0) == 0)
        process = nil
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test func guardEndsWhatItWatchesWhenItsParentsEndOfTheSocketIsGone() async throws {
        let place = try ScratchFolder()
        let (watched, forgotten) = (try start("exec sleep 60", place), try start("exec sleep 60", place))
        let second = try start("exec sleep 60", place)
        var keeper: ProcessGuard? = ProcessGuard()
        try keeper?.watch(watched.pid)
        try keeper?.watch(forgotten.pid)
        try keeper?.watch(second.pid)
        keeper?.forget(forgotten.pid)
        #expect(!watched.hasEnded && !second.hasEnded)
        keeper = nil
        #expect(await watched.waitForEnd(within: .seconds(20)) == .killed(SIGKILL))
        #expect(await second.waitForEnd(within: .seconds(20)) == .killed(SIGKILL))
        #expect(!forgotten.hasEnded)
    }

    @Test func programThatIsNotThereIsNamed() throws {
        let place = try ScratchFolder()
        for name in ["no-such-program-of-ours", "/no/such", "", place.path, place.path + "/"] {
            #expect(throws: LocalError.programNotFound(name)) {
                try ChildProcess([name], folder: place.path, log: place.path + "/log")
            }
        }
        try LocalFiles.write("no program", to: place.path + "/text")
        #expect(throws: LocalError.programNotFound(place.path + "/text")) {
            try ProgramPath.find(place.path + "/text")
        }
        #expect(try ProgramPath.find("sh").hasSuffix("/sh"))
    }

    @Test func logThatCannotBeWrittenIsNamed() throws {
        #expect(throws: LocalError.notWritable(path: "/no/such/log", reason: String(cString: strerror(ENOENT)))) {
            try ChildProcess(["sh"], folder: "/", log: "/no/such/log")
        }
    }
}
