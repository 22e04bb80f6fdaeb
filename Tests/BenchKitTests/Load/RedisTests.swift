import NIOCore
import NodeClient
import Testing
import Workload

@testable import BenchKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Against the program itself, where it is installed.
@Suite struct RedisTests {
    @Test func aLoadOverRESPIsServedByRedis() async throws {
        let program = "/usr/bin/redis-server"
        guard access(program, X_OK) == 0 else { return print("skipped: there is no \(program)") }
        let port = Int.random(in: 20_000..<32_000)
        let pid = try spawn([
            program, "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile",
            "/dev/null",
            "--dir", "/tmp",
        ])
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        let url = NodeURL(host: "127.0.0.1", port: port)
        while (try? await NodeConnection.open(url)) == nil { try await Task.sleep(for: .milliseconds(10)) }
        for loop in WorkloadSettings.Loop.allCases {
            var workload = WorkloadSettings()
            workload.loop = loop
            workload.operationsPerSecond = 1000
            (workload.inserts, workload.batches, workload.batchKeys) = (10, 10, 15)
            var settings = LoadSettings(
                nodes: [url], workload: workload, keyPrefix: "r-", span: .seconds(600))
            settings.operationLimit = 500
            settings.interface = .resp
            settings.loadsKeys = true
            let tally = await LoadRun(settings).run()
            #expect(tally.keysNotLoaded == 0)
            #expect(tally.failed + tally.unknown == 0, "\(tally.errors)")
            #expect(tally.addsUp)
            #expect(tally.succeeded == 500)
            #expect(tally.versionsShown > 0)
            #expect(tally.namedHistograms.map(\.kind) == LoadTally.kinds)
        }
    }

    private func spawn(_ words: [String]) throws -> pid_t {
        var pid: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        let code = posix_spawn(&pid, words[0], nil, nil, arguments, environ)
        try #require(code == 0, "redis-server cannot be started")
        return pid
    }
}
