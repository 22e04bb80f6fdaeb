import Checking
import NIOCore
import NodeClient
import StatorCore
import Testing
import Workload

@testable import BenchKit

/// What a load counts, in virtual time.
@Suite struct LoadRunTests {
    private func run(
        _ workload: WorkloadSettings, _ behaviour: LoadStore.Behaviour = .init(), seconds: Double = 1,
        adjust: (inout LoadSettings) -> Void = { _ in }
    ) throws -> LoadTally {
        let load = VirtualLoad([LoadStore(behaviour)])
        var settings = LoadSettings(nodes: load.urls, workload: workload, keyPrefix: "t-", span: .seconds(seconds))
        adjust(&settings)
        return try load.run(settings)
    }

    @Test func everyOperationIsCountedOnce() throws {
        for loop in WorkloadSettings.Loop.allCases {
            var workload = WorkloadSettings()
            workload.loop = loop
            workload.operationsPerSecond = 400
            (workload.inserts, workload.batches) = (10, 10)
            let tally = try run(workload) {
                $0.warmUp = .milliseconds(200)
                $0.loadsKeys = true
            }
            let addsUp = tally.addsUp
            #expect(addsUp)
            #expect(tally.failed + tally.unknown == 0, "\(tally.errors)")
            #expect((350...600).contains(tally.offered), "\(tally.offered) of about 400 to 560 were due")
            #expect(tally.namedHistograms.map(\.kind) == LoadTally.kinds)
            #expect(tally.namedHistograms.reduce(0) { $0 + $1.histogram.count } == tally.succeeded)
            #expect(tally.nodes.map(\.operations) == [tally.succeeded])
            #expect(tally.nodes.map(\.name) == ["A"])
            #expect(tally.slices.reduce(0, +) == tally.perSecond.reduce(0, +))
            // An operation may be due in the span and answered behind it, or the other way round: one a session.
            let shift = abs(tally.slices.reduce(0, +) - tally.succeeded)
            #expect(shift <= workload.clients, "\(shift)")
            #expect(tally.slices.allSatisfy { $0 > 0 })
        }
    }

    @Test func arrivalsBeyondWhatSessionsCanTakeSaturate() throws {
        // Two sessions and 20 ms an answer make 100 a second.
        let slow = LoadStore.Behaviour(delay: .milliseconds(20))
        let tally = try run(.reads(.open, clients: 2, rate: 400), slow)
        #expect(tally.addsUp)
        let (isSaturated, waited) = (tally.isSaturated, tally.backlog)
        #expect(isSaturated, "waiting: \(waited)")
        #expect((90...100).contains(tally.succeeded), "\(tally.succeeded) of about 100")
        #expect((230...370).contains(tally.neverSent), "\(tally.neverSent) of about 300")
        #expect(try #require(tally.lateness.percentile(100)) > 500)
        let paced = try run(.reads(.open, clients: 50, rate: 400), slow)
        #expect(paced.addsUp)
        let isPacedSaturated = paced.isSaturated
        #expect(!isPacedSaturated)
    }

    @Test func arrivalsAreTakenWhenTheyAreDueWhileASessionIsFree() throws {
        let tally = try run(.reads(.open, clients: 50, rate: 450), seconds: 2)
        #expect(tally.succeeded > 800)
        // The least that a histogram tells apart.
        #expect(try #require(tally.lateness.percentile(100)) < 0.001)
    }

    @Test func aSilentNodeCostsTimeouts() throws {
        var workload = WorkloadSettings.reads(.closed, clients: 3, rate: 0)
        workload.heldWrites = 40
        let tally = try run(workload, .init(isSilent: true), seconds: 1.5) {
            $0.requestTimeout = .milliseconds(300)
            $0.seed = 3
        }
        #expect(tally.succeeded == 0)
        #expect(tally.addsUp)
        #expect(tally.failed > 0 && tally.unknown > 0)
        #expect(tally.errors.keys.sorted() == ["no_answer_in_time"])
    }

    @Test func anotherNodeIsAskedWhileOneIsDead() throws {
        let load = VirtualLoad([LoadStore(), LoadStore()])
        let settings = LoadSettings(
            nodes: load.urls, workload: .reads(.open, clients: 8, rate: 200), keyPrefix: "two-", span: .seconds(2))
        let killing = NIOLoopBound(load, eventLoop: load.eventLoop)
        let tally = try load.run(settings, events: [(.milliseconds(700), { _ in killing.value.kill(0) })])
        #expect(tally.addsUp)
        #expect(tally.slices.allSatisfy { $0 > 0 }, "\(tally.slices)")
        #expect(tally.succeeded > 300)
        // The first errors tell all sessions to leave it alone for a second.
        #expect((1...20).contains(tally.failed), "\(tally.errors)")
    }

    @Test func aCancelledLoadEndsSoonWithWhatThereIs() throws {
        let load = VirtualLoad([LoadStore(.init(delay: .seconds(3)))])
        let settings = LoadSettings(
            nodes: load.urls, workload: .reads(.closed, clients: 5, rate: 0), keyPrefix: "c-", span: .seconds(60))
        let tally = try load.run(settings, events: [(.milliseconds(400), { $0.cancel() })])
        #expect(tally.addsUp)
        #expect(tally.errors == ["cancelled": 5])
        #expect((.milliseconds(390)...(.milliseconds(410))).contains(tally.speed.span), "\(tally.speed.span)")
    }

    @Test func itsHistoryCanBeChecked() throws {
        var workload = WorkloadSettings()
        workload.operationsPerSecond = 0
        workload.keys = 20
        (workload.inserts, workload.batches, workload.batchKeys) = (5, 5, 4)
        let tally = try run(workload) {
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

    @Test func aTraceIsReplayedOnceAndAtItsTimes() throws {
        let rows = (0..<100).map { "\(["put", "get", "delete"][$0 % 3]),key \($0 % 7)/é,\($0 * 5000),\(20 + $0)" }
        let text = "operation,key,time_us,value_bytes\n" + rows.joined(separator: "\n") + "\n"
        let trace = try TraceReader.read(Array(text.utf8))
        for loop in WorkloadSettings.Loop.allCases {
            var workload = WorkloadSettings()
            workload.loop = loop
            workload.operationsPerSecond = 0
            workload.traceSpeed = 2
            let tally = try run(workload, seconds: 20) {
                $0.trace = trace
                $0.keepsHistory = true
            }
            // A delete is a read first.
            let steps = tally.operations.filter { $0.kind != .delete }
            #expect(steps.count == 100)
            #expect(tally.operations.first { $0.kind == .write }?.key == "t-key 0/é")
            #expect(tally.failed + tally.unknown + tally.neverSent == 0)
            if loop == .open {
                let begin = try #require(steps.first).start
                #expect(steps.map { $0.start - begin } == (0..<100).map { Int64($0) * 2_500_000 })
            }
        }
    }
}
