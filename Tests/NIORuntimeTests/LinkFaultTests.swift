import NIOCore
import Replication
import StatorCore
import Testing

@testable import NIORuntime

/// Links that fail because an experiment asked for it.
@Suite struct LinkFaultTests {
    private func pair() async throws -> (NodeRuntime, NodeRuntime) {
        let one = TestNodes.member("A", port: try await TestNodes.freePort())
        let other = TestNodes.member("B", port: try await TestNodes.freePort())
        let nodes = [one, other].map { member in
            TestNodes.runtime(
                TestNodes.blueprint(member, among: [one, other]), folder: TestNodes.temporaryFolder(),
                allowsFaults: true)
        }
        for node in nodes { try await node.start() }
        try await TestNodes.eventually("the links are up") {
            nodes.allSatisfy { $0.counters.snapshot.linksUp == 1 }
        }
        return (nodes[0], nodes[1])
    }

    private func inject(_ faults: NetworkFaults, into node: NodeRuntime) async -> AdminResponse {
        await withCheckedContinuation { continuation in
            node.inject(faults) { continuation.resume(returning: $0) }
        }
    }

    @Test func aNodeThatWasNotStartedForItRefuses() async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let node = TestNodes.runtime(
            TestNodes.blueprint(member, among: [member]), folder: TestNodes.temporaryFolder())
        let response = await inject(NetworkFaults(cut: [NodeID("B")]), into: node)
        #expect(response == .refused("node A was not started with --allow-faults"))
        #expect(!node.faults.cuts(NodeID("B")))
        await node.stop()
    }

    /// A cut is silence, not a closed connection; once healed, the links carry frames that can be read.
    @Test func aCutLinkGoesDownBySilenceAndComesBackWhole() async throws {
        let (a, b) = try await pair()
        _ = await inject(NetworkFaults(cut: [NodeID("B")]), into: a)
        try await TestNodes.eventually("both notice") {
            a.counters.snapshot.linksUp == 0 && b.counters.snapshot.linksUp == 0
        }
        let sent = a.counters.snapshot.framesSent
        try await Task.sleep(for: .milliseconds(1500))
        #expect(a.counters.snapshot.framesSent == sent)
        #expect(a.counters.snapshot.linksUp == 0 && b.counters.snapshot.linksUp == 0)
        _ = await inject(NetworkFaults(), into: a)
        try await TestNodes.eventually("the links are back") {
            a.counters.snapshot.linksUp == 1 && b.counters.snapshot.linksUp == 1
        }
        #expect(a.counters.snapshot.malformedFrames == 0 && b.counters.snapshot.malformedFrames == 0)
        await a.stop()
        await b.stop()
    }

    @Test func aDelayIsNoLossAndNothingOvertakes() async throws {
        let (a, b) = try await pair()
        _ = await inject(NetworkFaults(delay: .milliseconds(2500)), into: a)
        #expect(a.faults.delay == .milliseconds(2500))
        try await Task.sleep(for: .seconds(7))
        #expect(a.counters.snapshot.linksUp == 1 && b.counters.snapshot.linksUp == 1, "late is not silent")
        #expect(b.counters.snapshot.malformedFrames == 0)
        await a.stop()
        await b.stop()
    }
}
