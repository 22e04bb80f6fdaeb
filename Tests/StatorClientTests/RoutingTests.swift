import Hashing
import StatorCore
import Testing

@testable import StatorClient

/// Which node is asked.
@Suite(.timeLimit(.minutes(5))) struct RoutingTests {
    @Test func keysGoToTheirReplica() async throws {
        let ranges = equalRanges(3, replicas: 1)
        try await withCluster(3, replicas: 1) { number, call in
            call.name == "STATOR.GET" ? .bytes(RESP.reading(["\(number)"])) : nil
        } _: { client, _ in
            for number in 0..<30 {
                let token = HashFunction.xxh3.token(of: try Key("key \(number)"))
                let owner = ranges.first { token.value <= $0.last }?.owners.first ?? -1
                #expect(try await client.get("key \(number)").text == "\(owner)")
            }
        }
    }

    @Test func readsOfOneKeyAreSpreadOverItsReplicas() async throws {
        try await withCluster(4, replicas: 3) { client, nodes in
            for _ in 0..<30 { _ = try await client.get("k") }
            let counts = nodes.map { $0.calls("STATOR.GET").count }.sorted()
            #expect(counts == [0, 10, 10, 10])
        }
    }

    @Test func withoutRingEveryNodeIsAsked() async throws {
        try await withCluster(3) { client, nodes in
            for _ in 0..<9 { _ = try await client.get("k") }
            #expect(nodes.allSatisfy { !$0.calls("STATOR.GET").isEmpty })
            #expect(await client.statistics().ringEpoch == nil)
        }
    }

    @Test func oneSeedIsEnoughToKnowAllNodes() async throws {
        let nodes = [try await ScriptedNode.start(), try await ScriptedNode.start()]
        nodes[0].serve(ring: RESP.ring(ports: nodes.map(\.port), ranges: [(.max, [1])]))
        let client = try await StoreClient.connect(seeds: [nodes[0].address], configuration: .brisk)
        _ = try await client.get("k")
        #expect(nodes[1].calls("STATOR.GET").count == 1)
        await client.close()
        for node in nodes { await node.stop() }
    }

    @Test func newRingIsFoundAndWhoLeftIsNotAsked() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.ringRefreshInterval = .milliseconds(30)
        try await withCluster(2, replicas: 2, configuration) { client, nodes in
            let ring = RESP.ring(epoch: 2, ports: [nodes[1].port], ranges: [(.max, [0])])
            for node in nodes { node.serve(ring: ring) }
            try await eventually("the new ring is taken") { await client.statistics().ringEpoch == 2 }
            let known = await client.statistics().nodes
            #expect(known.map(\.address.port) == [nodes[1].port])
            for _ in 0..<5 { _ = try await client.get("k") }
            #expect(nodes[0].calls("STATOR.GET").isEmpty)
            #expect(nodes[1].calls("STATOR.GET").count == 5)
        }
    }

    @Test func olderRingOfAnotherNodeIsNotTaken() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.ringRefreshInterval = .milliseconds(20)
        let nodes = [try await ScriptedNode.start(), try await ScriptedNode.start()]
        for (node, epoch) in zip(nodes, [5, 4]) {
            node.serve(ring: RESP.ring(epoch: epoch, ports: nodes.map(\.port), ranges: [(.max, [0, 1])]))
        }
        let client = try await StoreClient.connect(seeds: [nodes[0].address], configuration: configuration)
        try await eventually("both are asked") { nodes.allSatisfy { $0.calls("STATOR.RING").count > 1 } }
        #expect(await client.statistics().ringEpoch == 5)
        await client.close()
        for node in nodes { await node.stop() }
    }
}
