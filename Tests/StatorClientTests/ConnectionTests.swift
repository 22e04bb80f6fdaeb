import Testing

@testable import StatorClient

/// Time, cancellation, and connections that fail.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    private static let isSilent: @Sendable (Int, ScriptedNode.Call) -> ScriptedNode.Answer? = { _, call in
        call.name == "PING" || call.name == "STATOR.RING" ? nil : .silence
    }

    private static var impatient: ClientConfiguration {
        var configuration = ClientConfiguration.brisk
        configuration.silenceLimit = .milliseconds(100)
        return configuration
    }

    @Test func readOfASilentNodeEndsAtItsDeadline() async throws {
        try await withCluster(1, Self.impatient, script: Self.isSilent) { client, _ in
            let error = await failure { try await client.get("k", timeout: .milliseconds(250)) }
            #expect(error == .deadlineExceeded(outcomeUnknown: false))
        }
    }

    @Test func connectionThatStaysSilentIsClosedAtTheDeadline() async throws {
        try await withCluster(1, Self.impatient, script: Self.isSilent) { client, nodes in
            let error = await failure { try await client.put("k", "v", timeout: .milliseconds(250)) }
            #expect(error == .deadlineExceeded(outcomeUnknown: true))
            try await eventually("another is opened to probe the node") { nodes[0].connectionCount >= 2 }
            #expect(nodes[0].calls("STATOR.PUT").count == 1)
        }
    }

    @Test func readOfAHangingReplicaIsAnsweredByAnother() async throws {
        try await withCluster(2, replicas: 2, Self.impatient) { number, call in
            number == 0 && ["PING", "STATOR.GET"].contains(call.name) ? .silence : nil
        } _: { client, nodes in
            for _ in 0..<6 { _ = try await client.get("k", timeout: .seconds(10)) }
            #expect(!nodes[0].calls("STATOR.GET").isEmpty)
            let known = await client.statistics().nodes.first { $0.address.port == nodes[0].port }
            #expect(known?.isHealthy == false)
        }
    }

    @Test func replyOfAnAbandonedRequestIsSkipped() async throws {
        try await withCluster { _, call in
            switch (call.name, call.key) {
            case ("STATOR.PUT", _): .bytes("")
            // The late reply comes first, as replies come in order.
            case ("STATOR.GET", "a"): .bytes(RESP.bulk("late") + RESP.reading(["a"]))
            case ("STATOR.GET", _): .bytes(RESP.reading([call.key]))
            default: nil
            }
        } _: { client, nodes in
            let error = await failure { try await client.put("k", "v", timeout: .milliseconds(100)) }
            #expect(error == .deadlineExceeded(outcomeUnknown: true))
            let (first, second) = (try await client.get("a"), try await client.get("b"))
            #expect(first.text == "a")
            #expect(second.text == "b")
            #expect(nodes[0].connectionCount == 1)
        }
    }

    @Test func cancelledOperationsEndAtOnce() async throws {
        try await withCluster(script: Self.isSilent) { client, nodes in
            let read = Task { await failure { try await client.get("k") } }
            let write = Task { await failure { try await client.put("k", "v") } }
            try await eventually("both are sent") {
                nodes[0].calls("STATOR.GET").count == 1 && nodes[0].calls("STATOR.PUT").count == 1
            }
            let batch = Task { await client.get((0..<2000).map { "key \($0)" }) }
            try await eventually("a part of the batch is sent") { nodes[0].calls("STATOR.GET").count > 1 }
            for task in [read, write] { task.cancel() }
            batch.cancel()
            #expect(await read.value == .cancelled(outcomeUnknown: false))
            #expect(await write.value == .cancelled(outcomeUnknown: true))
            let outcomes = await batch.value
            #expect(outcomes.count == 2000)
            #expect(outcomes.allSatisfy { $0 == .failure(.cancelled(outcomeUnknown: false)) })
            #expect(await client.statistics().waiting == 0)
        }
    }

    @Test func operationOfACancelledTaskIsNotBegun() async throws {
        try await withCluster { client, nodes in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await failure { try await client.put("k", "v") }
            }
            task.cancel()
            #expect(await task.value == .cancelled(outcomeUnknown: false))
            #expect(nodes[0].calls("STATOR.PUT").isEmpty)
        }
    }

    @Test func connectionThatTheNodeClosedIsOpenedAnew() async throws {
        try await withCluster { client, nodes in
            try await client.put("k", "v")
            nodes[0].closeConnections()
            try await eventually("the loss is noticed") { await client.statistics().connections == 0 }
            try await client.put("k", "v")
            #expect(nodes[0].connectionCount == 2)
        }
    }

    @Test(arguments: ["what\r\n", "$3\r\nabcde\r\n", "*1\r\n$99999999999\r\n", ":1:\r\n"])
    func malformedReplyClosesTheConnectionAndTheClientGoesOn(text: String) async throws {
        var configuration = ClientConfiguration.brisk
        configuration.maximumRetries = 0
        try await withCluster(1, configuration) { _, call in
            call.key == "bad" ? .bytes(text) : nil
        } _: { client, nodes in
            #expect(await failure { try await client.get("bad") }?.name == "connectionLost")
            _ = try await client.get("good")
            #expect(nodes[0].connectionCount == 2)
        }
    }

    @Test func unaskedReplyClosesTheConnection() async throws {
        try await withCluster { _, call in
            call.key == "bad" ? .bytes(RESP.reading(["v"]) + "+EXTRA\r\n") : nil
        } _: { client, nodes in
            #expect(try await client.get("bad").text == "v")
            try await eventually("another is opened to probe the node") { nodes[0].connectionCount == 2 }
            _ = try await client.get("good")
        }
    }

    @Test func waitingIsBoundedInNumberAndTime() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.maximumInFlightPerConnection = 1
        configuration.maximumWaiting = 1
        configuration.maximumWait = .milliseconds(100)
        try await withCluster(1, configuration, script: Self.isSilent) { client, nodes in
            let first = Task { await failure { try await client.put("first", "v") } }
            try await eventually("it is sent") { nodes[0].calls("STATOR.PUT").count == 1 }
            async let second = failure { try await client.put("second", "v") }
            async let third = failure { try await client.put("third", "v") }
            let errors = await [second, third]
            #expect(errors.map { $0?.name } == ["busy", "busy"])
            #expect(nodes[0].calls("STATOR.PUT").count == 1)
            first.cancel()
            _ = await first.value
        }
    }

    @Test func idleConnectionWithoutSignOfLifeIsClosed() async throws {
        var configuration = Self.impatient
        configuration.idlePingInterval = .milliseconds(40)
        try await withCluster(1, configuration) { _, call in
            call.name == "PING" ? .silence : nil
        } _: { client, nodes in
            try await client.put("k", "v")
            try await eventually("it is closed, and another opened to probe the node") { nodes[0].connectionCount > 1 }
            #expect(await client.statistics().nodes.map(\.isHealthy) == [false])
        }
    }

    @Test func moreConnectionsAreOpenedUpToTheirNumberAsTheyFill() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.maximumConnectionsPerNode = 3
        configuration.maximumInFlightPerConnection = 8
        try await withCluster(1, configuration) { _, call in
            // Much longer than it takes to open another.
            call.name == "STATOR.GET" ? .after(milliseconds: 300, RESP.reading([call.key])) : nil
        } _: { client, nodes in
            #expect(nodes[0].connectionCount == 1)
            let outcomes = await client.get((0..<80).map { "key \($0)" })
            #expect(outcomes.allSatisfy { (try? $0.get()) != nil })
            #expect(nodes[0].connectionCount == 3)
        }
    }

    @Test func clusterThatIsNotThereIsToldOf() async throws {
        let node = try await ScriptedNode.start()
        let address = node.address
        await node.stop()
        var configuration = ClientConfiguration.brisk
        configuration.maximumWait = .milliseconds(150)
        let error = await failure { try await StoreClient.connect(seeds: [address], configuration: configuration) }
        #expect(error?.name == "notConnected")
    }

    @Test func closingFailsWhatIsUnderWay() async throws {
        try await withCluster(script: Self.isSilent) { client, nodes in
            let write = Task { await failure { try await client.put("k", "v") } }
            try await eventually("it is sent") { nodes[0].calls("STATOR.PUT").count == 1 }
            await client.close()
            #expect(await write.value == .closed(outcomeUnknown: true))
            #expect(await failure { try await client.get("k") } == .closed(outcomeUnknown: false))
        }
    }
}
