import NIOCore
import Testing
import Workload

@testable import BenchKit

/// A server that pauses: what an open loop shows of it, and what a closed one hides. In virtual time.
@Suite struct StallTests {
    /// 450 requests a second, and a pause of 200 ms after every 500 requests: about one a second.
    ///
    /// In the open loop 90 requests of 590 fall due in each pause, and their waits are even from 0 to 200 ms: those above
    /// the p99 are the longest 1 / 0.153 = 6.6 % of these, so that it is about 187 ms and what draining the queue takes.
    /// In the closed loop four requests of 500 are caught, fewer than one in a hundred.
    private func run(_ loop: WorkloadSettings.Loop) throws -> LoadTally {
        let load = VirtualLoad([LoadStore(.init(requestsBetweenPauses: 500, pause: .milliseconds(200)))])
        var settings = LoadSettings(
            nodes: load.urls, workload: .reads(loop, clients: 4, rate: 450), keyPrefix: "stall-", span: .seconds(6))
        settings.seed = 7
        let tally = try load.run(settings)
        #expect(tally.failed + tally.unknown == 0, "\(tally.errors)")
        #expect(tally.addsUp)
        return tally
    }

    @Test func anOpenLoopShowsTheStallThatAClosedOneHides() throws {
        let closed = try run(.closed)
        let open = try run(.open)
        let (closedP99, openP99) = (try #require(closed.percentile(99)), try #require(open.percentile(99)))
        #expect(closedP99 < 60, "a closed loop stops asking while the server stalls: \(closedP99) ms")
        #expect(openP99 > 120, "an open loop counts what waited: \(openP99) ms")
        let sent = try #require(open.histogramsFromSending.first?.histogram.percentile(99))
        #expect(sent < 60, "from the sending, the open loop would hide it too: \(sent) ms")
        let isSaturated = open.isSaturated
        #expect(!isSaturated, "\(open.neverSent) of \(open.offered) never sent, waiting: \(open.backlog)")
    }
}
