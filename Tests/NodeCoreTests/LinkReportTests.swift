import NIOCore
import Replication
import StatorCore
import Testing
import Wire

@testable import NodeCore

/// What both ends of a link remember of why it does not come up.
@Suite struct LinkReportTests {
    private static let other = HandshakeRefusal.different(setting: "partitioner", here: "32 tokens", there: "16 tokens")

    private func report(_ bench: LinkBench) throws -> LinkReport {
        try #require(bench.links.reports(now: bench.now).first)
    }

    @Test func aRefusalIsKeptOverAllAttemptsUntilAHandshakeWorks() throws {
        let bench = LinkBench()
        var id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        #expect(try report(bench).trouble == nil && !report(bench).isUp)
        for _ in 0..<3 {
            bench.handle(.connected(id))
            let redial = try #require(bench.handle(.received(id, LinkBench.reply(.refused(Self.other)))).redial)
            bench.pass(.seconds(1))
            id = try #require(bench.handle(.redial(redial.id)).dialled)
            let latest = try report(bench)
            let trouble = try #require(latest.trouble)
            #expect(trouble.cause == .refused && trouble.reason.contains("16 tokens"))
            #expect(trouble.difference == SettingDifference("partitioner", own: "16 tokens", theirs: "32 tokens"))
        }
        #expect(try report(bench).lasting == .seconds(3))
        bench.handle(.connected(id))
        bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("B"), generation: 1))))
        #expect(
            try report(bench)
                == LinkReport(
                    node: NodeID("B"), endpoint: LinkBench.endpoint("B"), isUp: true, lasting: .zero))
    }

    @Test func theLatestReasonIsShown() throws {
        let bench = LinkBench()
        var id = try #require(bench.handle(.follow(LinkBench.view("A", "B"))).dialled)
        func again(_ effects: [LinkEffect]) throws {
            let redial = try #require(effects.redial)
            id = try #require(bench.handle(.redial(redial.id)).dialled)
        }
        bench.handle(.connected(id))
        try again(bench.handle(.received(id, LinkBench.reply(.refused(.version(here: 9, there: 4))))))
        #expect(try report(bench).trouble?.difference == SettingDifference("protocol version", own: "4", theirs: "9"))
        try again(bench.handle(.failed(id)))
        #expect(try report(bench).trouble?.cause == .unreachable)
        bench.handle(.connected(id))
        try again(bench.handle(.received(id, LinkBench.reply(.accepted(NodeID("C"), generation: 1)))))
        #expect(try report(bench).trouble?.cause == .otherNode)
        bench.handle(.connected(id))
        try again(bench.handle(.received(id, LinkBench.reply(.refused(.tooManyConnections)))))
        #expect(try report(bench).trouble?.cause == .full, "which is no matter of settings")
        bench.handle(.connected(id))
        try again(bench.handle(.ended(id)))
        #expect(try report(bench).trouble?.cause == .closed)
        bench.handle(.connected(id))
        try again(bench.pass(NodeCoreLimits.handshakeDeadline + NodeCoreLimits.linkTick))
        #expect(try report(bench).trouble?.cause == .silent)
    }

    @Test func aLinkThatWasUpTellsSinceWhenItIsNot() throws {
        let bench = LinkBench()
        let id = try bench.makeUp()
        bench.pass(.seconds(4), hearing: id)
        #expect(try report(bench).lasting == .seconds(4))
        bench.handle(.ended(id))
        bench.pass(.seconds(1))
        #expect(try report(bench).lasting == .seconds(1) && report(bench).trouble?.cause == .closed)
    }

    // MARK: The accepting end

    private func time(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1_000_000_000)) }

    private func hello(_ node: String) -> Hello { LinkBench.card(node).hello(shard: 0) }

    @Test func theAcceptingEndKnowsWhomItRefused() throws {
        var link = AcceptedLink(LinkBench.card("B"), now: time(0))
        var stranger = hello("X")
        stranger.cluster = "other"
        var payload = ByteBuffer()
        stranger.encode(into: &payload)
        link.receive(LinkBench.frame(payload), now: time(1))
        _ = link.next()
        let refused = try #require(link.refused)
        #expect(refused.caller?.node == NodeID("X"))
        #expect(refused.refusal == .cluster(here: "demo", there: "other"))
    }

    @Test func oneEntryStandsForACallerUntilItIsLetInOrCallsNoMore() throws {
        var callers = RefusedCallers()
        for second in 1...3 {
            callers.note(hello("D"), Self.other, from: "10.0.0.4", now: time(Double(second)))
            callers.note(nil, .version(here: 4, there: 3), from: "10.0.0.9", now: time(Double(second)))
        }
        let reports = callers.reports(now: time(4))
        #expect(reports.map(\.node) == [NodeID("D"), nil])
        #expect(reports.map(\.address) == [LinkBench.endpoint("D").description, "10.0.0.9"])
        #expect(reports.map(\.refusals) == [3, 3])
        #expect(reports[0].difference == SettingDifference("partitioner", own: "32 tokens", theirs: "16 tokens"))
        #expect(reports[0].age == .seconds(1))
        callers.forget(NodeID("D"))
        #expect(callers.reports(now: time(4)).map(\.node) == [nil])
        #expect(callers.reports(now: time(3 + 30)).count == 1)
        #expect(callers.reports(now: time(3 + 30.1)).isEmpty)
    }

    @Test func refusedCallersAreBoundedAndTheEldestGoFirst() {
        var callers = RefusedCallers()
        for number in 0..<(NodeCoreLimits.rememberedRefusals + 10) {
            callers.note(hello("node-\(number)"), Self.other, from: "10.0.0.4", now: time(1))
        }
        let reports = callers.reports(now: time(1))
        #expect(reports.count == NodeCoreLimits.rememberedRefusals)
        #expect(reports.first?.node == NodeID("node-10"))
    }
}
