import NIOCore
import NodeClient
import StatorCore
import Testing
import Workload

@testable import BenchKit

/// The same over sockets: counts only, with spans that no machine needs.
@Suite(.serialized) struct LoadSocketTests {
    @Test func aLimitEndsTheSpanEarly() async throws {
        let server = try await LoadServer.start()
        var settings = LoadSettings(
            nodes: [server.url], workload: .reads(.closed, clients: 4, rate: 0), keyPrefix: "t-", span: .seconds(600))
        settings.operationLimit = 200
        let tally = await LoadRun(settings).run()
        await server.stop()
        #expect(tally.offered == 200)
        #expect(tally.succeeded == 200)
        #expect(tally.speed.span < .seconds(600))
        // Of a span that ended early the tenths are of what there was of it.
        #expect(tally.slices.reduce(0, +) > 0)
    }

    @Test func aNodeThatIsNotThereCostsErrorsAndNoHang() async throws {
        for loop in WorkloadSettings.Loop.allCases {
            var settings = LoadSettings(
                nodes: [NodeURL(host: "127.0.0.1", port: 1)], workload: .reads(loop, clients: 2, rate: 100),
                keyPrefix: "none-", span: .seconds(600))
            settings.operationLimit = 2
            let tally = await LoadRun(settings).run()
            #expect(tally.succeeded == 0)
            #expect(tally.failed > 0)
            #expect(tally.addsUp)
        }
    }

    @Test func cancellingTheTaskEndsTheLoad() async throws {
        let server = try await LoadServer.start(.init(isSilent: true))
        var settings = LoadSettings(
            nodes: [server.url], workload: .reads(.closed, clients: 5, rate: 0), keyPrefix: "c-", span: .seconds(600))
        settings.requestTimeout = .seconds(600)
        let task = Task { [settings] in await LoadRun(settings).run() }
        while try await server.requests() < 5 { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let tally = await task.value
        #expect(tally.addsUp)
        #expect(tally.errors == ["cancelled": 5])
        await server.stop()
        let gone = Task { [settings] in await LoadRun(settings).run() }
        gone.cancel()
        #expect(await gone.value.succeeded == 0)
    }
}
