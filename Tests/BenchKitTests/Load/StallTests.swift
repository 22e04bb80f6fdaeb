import NIOCore
import Testing
import Workload

@testable import BenchKit

/// A server that pauses: what an open loop shows of it, and what a closed one hides.
@Suite(.serialized) struct StallTests {
    /// 450 requests a second, and a pause of 200 ms after every 500 requests: about one a second.
    ///
    /// In the open loop 90 requests of 590 fall due in each pause, and their waits are even from 0 to 200 ms: those above
    /// the p99 are the longest 1 / 0.153 = 6.6 % of these, so that it is about 187 ms and what draining the queue takes.
    /// In the closed loop four requests of 500 are caught, fewer than one in a hundred.
    private func run(_ loop: WorkloadSettings.Loop) async throws -> LoadTally {
        let server = try await LoadServer.start(
            .init(requestsBetweenPauses: 500, pause: .milliseconds(200)))
        var settings = LoadSettings(
            nodes: [server.url], workload: .reads(loop, clients: 4, rate: 450), keyPrefix: "stall-", span: .seconds(6))
        settings.seed = 7
        let tally = await LoadRun(settings).run()
        await server.stop()
        #expect(tally.failed + tally.unknown == 0, "\(tally.errors)")
        #expect(tally.addsUp)
        return tally
    }

    @Test func anOpenLoopShowsTheStallThatAClosedOneHides() async throws {
        let closed = try await run(.closed)
        let open = try await run(.open)
        let (closedP99, openP99) = (try #require(closed.percentile(99)), try #require(open.percentile(99)))
        print("p99 of a server that stalls for 200 ms: closed loop \(closedP99) ms, open loop \(openP99) ms")
        #expect(closedP99 < 60, "a closed loop stops asking while the server stalls")
        #expect(openP99 > 120, "an open loop counts what waited")
        let sent = try #require(open.histogramsFromSending.first?.histogram.percentile(99))
        print("  the open loop's, counted from the sending: \(sent) ms")
        #expect(sent < 60, "from the sending, the open loop would hide it too")
        let isSaturated = open.isSaturated
        #expect(!isSaturated, "\(open.neverSent) of \(open.offered) never sent, waiting: \(open.backlog)")
    }
}
