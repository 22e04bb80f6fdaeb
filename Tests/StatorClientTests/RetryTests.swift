import Testing

@testable import StatorClient

/// What is tried again, what is not, and what the caller is told.
@Suite(.timeLimit(.minutes(5))) struct RetryTests {
    private static func isOperation(_ call: ScriptedNode.Call) -> Bool {
        ["STATOR.GET", "STATOR.PUT", "STATOR.DEL"].contains(call.name)
    }

    @Test(arguments: ["UNAVAILABLE leaving", "OVERLOADED busy"])
    func whatWasRefusedSucceedsAtAnotherReplica(line: String) async throws {
        try await withCluster(2, replicas: 2) { number, call in
            number == 0 && Self.isOperation(call) ? .bytes("-\(line)\r\n") : nil
        } _: { client, nodes in
            for _ in 0..<10 {
                _ = try await client.get("k")
                try await client.put("k", "v")
                try await client.delete("k")
            }
            #expect(nodes[1].calls("STATOR.PUT").count == 10)
            let refused = ["STATOR.GET", "STATOR.PUT", "STATOR.DEL"].reduce(0) { $0 + nodes[0].calls($1).count }
            #expect(refused > 0)
            #expect(await client.statistics().retries == UInt64(refused))
        }
    }

    @Test(arguments: ["UNKNOWN outcome: so", "NOQUORUM need 2 got 1", "TIMEOUT need 2 got 1"])
    func writeOfUnknownOutcomeIsNotRepeated(line: String) async throws {
        try await withCluster(2, replicas: 2) { _, call in
            call.name == "STATOR.PUT" ? .bytes("-\(line)\r\n") : nil
        } _: { client, nodes in
            let error = await failure { try await client.put("k", "v") }
            #expect(error?.isOutcomeUnknown == true)
            #expect(nodes.reduce(0) { $0 + $1.calls("STATOR.PUT").count } == 1)
            #expect(await client.statistics().retries == 0)
        }
    }

    @Test func readIsRepeatedWhateverItFailedOf() async throws {
        try await withCluster(2, replicas: 2) { number, call in
            guard number == 0, call.name == "STATOR.GET" else { return nil }
            return call.key == "close" ? .close : .bytes("-TIMEOUT need 2 got 1\r\n")
        } _: { client, _ in
            for _ in 0..<4 { _ = try await client.get("k") }
            for _ in 0..<4 { _ = try await client.get("close") }
        }
    }

    @Test func idempotentWriteIsRepeated() async throws {
        try await withCluster(2, replicas: 2) { number, call in
            number == 0 && call.name == "STATOR.PUT" ? .bytes("-UNKNOWN outcome: so\r\n") : nil
        } _: { client, nodes in
            for _ in 0..<4 { try await client.put("k", "v", isIdempotent: true) }
            #expect(nodes[1].calls("STATOR.PUT").count == 4)
            #expect(!nodes[0].calls("STATOR.PUT").isEmpty)
        }
    }

    @Test func outcomeStaysUnknownWhereOnlyALaterAttemptWasRefused() async throws {
        try await withCluster(2, replicas: 2) { number, call in
            guard call.name == "STATOR.PUT" else { return nil }
            return .bytes(number == 0 ? "-UNKNOWN outcome: so\r\n" : "-ERR no\r\n")
        } _: { client, nodes in
            for _ in 0..<4 {
                let before = nodes[0].calls("STATOR.PUT").count
                let error = await failure { try await client.put("k", "v", isIdempotent: true) }
                #expect(error?.isOutcomeUnknown == (nodes[0].calls("STATOR.PUT").count > before))
            }
        }
    }

    @Test func writeWhoseConnectionIsLostIsNotRepeated() async throws {
        try await withCluster(2, replicas: 2) { _, call in
            call.name == "STATOR.PUT" ? .close : nil
        } _: { client, nodes in
            let error = await failure { try await client.put("k", "v") }
            #expect(error?.name == "connectionLost")
            #expect(error?.isOutcomeUnknown == true)
            #expect(nodes.reduce(0) { $0 + $1.calls("STATOR.PUT").count } == 1)
        }
    }

    @Test(arguments: ["ERR no", "BADCONTEXT no", "SIBLINGS too many"])
    func whatWouldFailAgainIsNotRepeated(line: String) async throws {
        try await withCluster(2, replicas: 2) { _, call in
            Self.isOperation(call) ? .bytes("-\(line)\r\n") : nil
        } _: { client, nodes in
            let error = await failure { try await client.put("k", "v") }
            #expect(error?.name == "rejected")
            #expect(error?.isOutcomeUnknown == false)
            #expect(nodes.reduce(0) { $0 + $1.calls("STATOR.PUT").count } == 1)
        }
    }

    @Test func emptyBudgetEndsRetries() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.retryTokens = 2
        configuration.retryTokensPerSuccess = 0
        configuration.maximumRetries = 1
        try await withCluster(1, configuration) { _, call in
            Self.isOperation(call) ? .bytes("-OVERLOADED busy\r\n") : nil
        } _: { client, nodes in
            for _ in 0..<5 { #expect(await failure { try await client.get("k") }?.name == "overloaded") }
            let statistics = await client.statistics()
            #expect(statistics.retries == 2)
            #expect(statistics.budgetExhausted == 3)
            #expect(statistics.failures == 5)
            #expect(nodes[0].calls("STATOR.GET").count == 7)
        }
    }

    @Test func retriesOfOneOperationAreBounded() async throws {
        try await withCluster { _, call in
            Self.isOperation(call) ? .bytes("-OVERLOADED busy\r\n") : nil
        } _: { client, nodes in
            #expect(await failure { try await client.put("k", "v") }?.name == "overloaded")
            #expect(nodes[0].calls("STATOR.PUT").count == 1 + ClientConfiguration.brisk.maximumRetries)
        }
    }

    @Test func failingOverWithoutSendingCostsNoBudget() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.retryTokens = 0
        let nodes = [try await ScriptedNode.start(), try await ScriptedNode.start()]
        let ring = RESP.ring(ports: nodes.map(\.port), ranges: [(.max, [0, 1])])
        nodes[1].serve(ring: ring)
        let (seed, gone) = (nodes[1].address, nodes[0])
        await gone.stop()
        let client = try await StoreClient.connect(seeds: [seed], configuration: configuration)
        for _ in 0..<6 { try await client.put("k", "v") }
        let statistics = await client.statistics()
        #expect(statistics.retries == 0)
        #expect(statistics.moves > 0)
        await client.close()
        await nodes[1].stop()
    }
}
