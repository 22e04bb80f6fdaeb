import Checking
import NIOCore
import NodeClient
import StatorCore
import Testing
import Workload

@testable import BenchKit

@Suite(.serialized) struct LoadRunTests {
    private func run(
        _ workload: WorkloadSettings, _ behaviour: LoadServer.Behaviour = .init(), seconds: Double = 1,
        adjust: (inout LoadSettings) -> Void = { _ in }
    ) async throws -> LoadTally {
        let server = try await LoadServer.start(behaviour)
        var settings = LoadSettings(
            nodes: [server.url], workload: workload, keyPrefix: "t-", span: .seconds(seconds))
        adjust(&settings)
        let tally = await LoadRun(settings).run()
        await server.stop()
        return tally
    }

    @Test func everyOperationIsCountedOnce() async throws {
        for loop in WorkloadSettings.Loop.allCases {
            var workload = WorkloadSettings()
            workload.loop = loop
            workload.operationsPerSecond = 400
            (workload.inserts, workload.batches) = (10, 10)
            let tally = try await run(workload) {
                $0.warmUp = .milliseconds(200)
                $0.loadsKeys = true
            }
            let addsUp = tally.addsUp
            #expect(addsUp)
            #expect(tally.failed + tally.unknown == 0, "\(tally.errors)")
            #expect((250...650).contains(tally.offered), "\(tally.offered) of about 400 to 560 were due")
            #expect(tally.namedHistograms.map(\.kind) == LoadTally.kinds)
            #expect(tally.namedHistograms.reduce(0) { $0 + $1.histogram.count } == tally.succeeded)
            #expect(tally.nodes.map(\.operations) == [tally.succeeded])
            #expect(tally.nodes.map(\.name) == ["A"])
            #expect(tally.slices.reduce(0, +) == tally.perSecond.reduce(0, +))
            #expect((tally.succeeded - 8...tally.succeeded + 8).contains(tally.slices.reduce(0, +)))
            #expect(tally.slices.allSatisfy { $0 > 0 })
        }
    }

    @Test func arrivalsBeyondWhatSessionsCanTakeSaturate() async throws {
        // Two sessions and 20 ms an answer make 100 a second.
        let slow = LoadServer.Behaviour(delay: .milliseconds(20))
        let tally = try await run(.reads(.open, clients: 2, rate: 400), slow)
        #expect(tally.addsUp)
        let (isSaturated, waited) = (tally.isSaturated, tally.backlog)
        #expect(isSaturated, "waiting: \(waited)")
        #expect((70...110).contains(tally.succeeded), "\(tally.succeeded) of about 100")
        #expect((230...370).contains(tally.neverSent), "\(tally.neverSent) of about 300")
        #expect(try #require(tally.lateness.percentile(100)) > 500)
        let paced = try await run(.reads(.open, clients: 50, rate: 400), slow)
        #expect(paced.addsUp)
        let isPacedSaturated = paced.isSaturated
        #expect(!isPacedSaturated)
    }

    @Test func timersAreExact() async throws {
        let tally = try await run(.reads(.open, clients: 50, rate: 450), seconds: 2)
        let median = try #require(tally.lateness.percentile(50))
        print("lateness at 450/s: p50 \(median) ms, p99 \(tally.lateness.percentile(99) ?? -1) ms")
        // On a busy machine much may be late, but not half of it.
        #expect(median < 0.3)
    }

    @Test func aLimitEndsTheSpanEarly() async throws {
        let tally = try await run(.reads(.closed, clients: 4, rate: 0), seconds: 30) { $0.operationLimit = 200 }
        #expect(tally.offered == 200)
        #expect(tally.succeeded == 200)
        #expect(tally.speed.span < .seconds(10))
        // Of a span that ended early the tenths are of what there was of it.
        #expect(tally.slices.reduce(0, +) > 0)
    }

    @Test func aSilentNodeCostsTimeouts() async throws {
        var workload = WorkloadSettings.reads(.closed, clients: 3, rate: 0)
        workload.heldWrites = 40
        let tally = try await run(workload, .init(isSilent: true), seconds: 1.5) {
            $0.requestTimeout = .milliseconds(300)
            $0.seed = 3
        }
        #expect(tally.succeeded == 0)
        #expect(tally.addsUp)
        #expect(tally.failed > 0 && tally.unknown > 0)
        #expect(tally.errors.keys.sorted() == ["no_answer_in_time"])
    }

    @Test func aNodeThatIsNotThereCostsErrorsAndNoHang() async throws {
        for loop in WorkloadSettings.Loop.allCases {
            let settings = LoadSettings(
                nodes: [NodeURL(host: "127.0.0.1", port: 1)], workload: .reads(loop, clients: 2, rate: 100),
                keyPrefix: "none-", span: .seconds(2))
            let tally = await LoadRun(settings).run()
            #expect(tally.succeeded == 0)
            #expect(tally.failed > 0)
            #expect(tally.addsUp)
        }
    }

    @Test func anotherNodeIsAskedWhileOneIsDead() async throws {
        let (first, second) = (try await LoadServer.start(), try await LoadServer.start())
        let settings = LoadSettings(
            nodes: [first.url, second.url], workload: .reads(.open, clients: 8, rate: 200), keyPrefix: "two-",
            span: .seconds(2))
        async let running = LoadRun(settings).run()
        try await Task.sleep(for: .milliseconds(700))
        try await first.die()
        let tally = await running
        await first.stop()
        await second.stop()
        #expect(tally.addsUp)
        #expect(tally.slices.allSatisfy { $0 > 0 }, "\(tally.slices)")
        #expect(tally.succeeded > 300)
        #expect(tally.failed < 40, "\(tally.errors)")
    }

    @Test func aCancelledLoadEndsSoonWithWhatThereIs() async throws {
        let server = try await LoadServer.start(.init(delay: .seconds(3)))
        let settings = LoadSettings(
            nodes: [server.url], workload: .reads(.closed, clients: 5, rate: 0), keyPrefix: "c-", span: .seconds(60))
        let begun = ContinuousClock.now
        let task = Task { await LoadRun(settings).run() }
        try await Task.sleep(for: .milliseconds(400))
        task.cancel()
        let tally = await task.value
        #expect(ContinuousClock.now - begun < .seconds(2.5))
        #expect(tally.addsUp)
        #expect(tally.errors == ["cancelled": 5])
        #expect(tally.speed.span < .seconds(2))
        await server.stop()
        let gone = Task { await LoadRun(settings).run() }
        gone.cancel()
        #expect(await gone.value.succeeded == 0)
    }

    @Test func itsHistoryCanBeChecked() async throws {
        var workload = WorkloadSettings()
        workload.operationsPerSecond = 0
        workload.keys = 20
        (workload.inserts, workload.batches, workload.batchKeys) = (5, 5, 4)
        let tally = try await run(workload) {
            $0.keepsHistory = true
            $0.loadsKeys = true
        }
        let history = History(tally.operations)
        #expect(history.operations.count > 500)
        #expect(history.operations.contains { $0.values.count > 1 }, "siblings were read")
        #expect(history.operations.allSatisfy { $0.values.allSatisfy { !$0.contains(".") } })
        #expect(history.operations.allSatisfy { $0.node == "A" })
        #expect(try HistoryCodec.decode(HistoryCodec.encode(history)) == history)
        let indexed = IndexedHistory(history)
        for checker in HistoryChecks.standard {
            let verdict = checker.check(indexed, Promises())
            #expect(!verdict.fails, "\(verdict.checker): \(verdict.violations.first?.message ?? "")")
        }
    }

    @Test func aTraceIsReplayedOnce() async throws {
        let rows = (0..<100).map { "\(["put", "get", "delete"][$0 % 3]),key \($0 % 7)/é,\($0 * 5000),\(20 + $0)" }
        let text = "operation,key,time_us,value_bytes\n" + rows.joined(separator: "\n") + "\n"
        let trace = try TraceReader.read(Array(text.utf8))
        for loop in WorkloadSettings.Loop.allCases {
            var workload = WorkloadSettings()
            workload.loop = loop
            workload.operationsPerSecond = 0
            workload.traceSpeed = 2
            let begun = ContinuousClock.now
            let tally = try await run(workload, seconds: 20) {
                $0.trace = trace
                $0.keepsHistory = true
            }
            // A delete is a read first.
            #expect(tally.operations.filter { $0.kind != .delete }.count == 100)
            #expect(tally.operations.first { $0.kind == .write }?.key == "t-key 0/é")
            #expect(tally.failed + tally.unknown + tally.neverSent == 0)
            if loop == .open { #expect(ContinuousClock.now - begun > .milliseconds(247)) }
            #expect(ContinuousClock.now - begun < .seconds(5))
        }
    }
}
