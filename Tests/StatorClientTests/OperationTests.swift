import Hashing
import NIOCore
import StatorCore
import Testing

@testable import StatorClient

/// What operations send, and what they make of replies.
@Suite(.timeLimit(.minutes(5))) struct OperationTests {
    @Test func valuesSiblingsAndDeletesAreToldApart() async throws {
        try await withCluster { _, call in
            switch call.key {
            case "value": .bytes(RESP.reading(["v"]))
            case "siblings": .bytes(RESP.reading(["a", nil, "b"]))
            case "deleted": .bytes(RESP.reading([]))
            case "concurrent delete": .bytes(RESP.reading(["a", nil]))
            default: nil
            }
        } _: { client, _ in
            let value = try await client.get("value")
            #expect(value.text == "v")
            #expect(value.context.bytes == Array("seen".utf8))
            let siblings = try await client.get("siblings")
            #expect(siblings.hasSiblings)
            #expect(siblings.value == nil)
            #expect(siblings.values == [ByteBuffer(string: "a"), ByteBuffer(string: "b")])
            let deleted = try await client.get("deleted")
            #expect(deleted.isEmpty)
            #expect(deleted.context != .neverWritten)
            #expect(try await client.get("concurrent delete").value == nil)
            let never = try await client.get("never")
            #expect(never.isEmpty)
            #expect(never.context == .neverWritten)
        }
    }

    @Test func keysAndValuesMayBeTextOrBytes() async throws {
        try await withCluster { client, nodes in
            try await client.put("k", [UInt8]("v".utf8))
            try await client.put([UInt8]("k".utf8), ByteBuffer(string: "v"))
            try await client.put(ByteBuffer(string: "k"), "value"[..<"value".index(after: "value".startIndex)])
            try await client.put(Key("k"), "v", context: Context(bytes: [99]), writeQuorum: .all)
            let calls = nodes[0].calls("STATOR.PUT").map(\.arguments)
            #expect(calls.prefix(3).allSatisfy { $0 == ["STATOR.PUT", "k", "v"] })
            #expect(calls.last == ["STATOR.PUT", "k", "v", "CONTEXT", "c", "W", "all"])
        }
    }

    @Test func whatCannotBeIsRefusedBeforeItIsSent() async throws {
        var configuration = ClientConfiguration.brisk
        configuration.maximumValueBytes = 10
        try await withCluster(1, configuration) { client, nodes in
            #expect(await failure { try await client.get("") }?.name == "invalidArgument")
            #expect(
                await failure { try await client.get([UInt8](repeating: 1, count: 1025)) }?.name == "invalidArgument")
            #expect(await failure { try await client.put("k", "more than ten") }?.name == "invalidArgument")
            #expect(await failure { try await client.get("k", timeout: .zero) }?.name == "invalidArgument")
            #expect(await failure { try await client.get("k", timeout: .seconds(601)) }?.name == "invalidArgument")
            #expect(nodes[0].calls("STATOR.GET").isEmpty)
            #expect(nodes[0].calls("STATOR.PUT").isEmpty)
        }
    }

    @Test func nodesAreToldTheTimeThatTheCallerNamed() async throws {
        try await withCluster { client, nodes in
            _ = try await client.get("k")
            _ = try await client.get("k", timeout: .seconds(4))
            try await client.put("k", "v", timeout: .seconds(4))
            #expect(nodes[0].calls("STATOR.GET").first?.option("TIMEOUT") == nil)
            // A read leaves time for another node.
            let read = nodes[0].calls("STATOR.GET").last?.option("TIMEOUT").flatMap { Int($0) }
            let write = nodes[0].calls("STATOR.PUT").last?.option("TIMEOUT").flatMap { Int($0) }
            #expect((1...2000).contains(read ?? 0))
            #expect((2001...4000).contains(write ?? 0))
        }
    }

    @Test func deleteOfWhatWasNeverWrittenAsksNobody() async throws {
        try await withCluster { client, nodes in
            #expect(try await client.delete("k", context: .neverWritten) == .neverWritten)
            #expect(nodes[0].calls("STATOR.DEL").isEmpty)
            try await client.delete("k")
            try await client.delete("k", context: Context(bytes: [99]))
            #expect(nodes[0].calls("STATOR.DEL").map(\.arguments.count) == [2, 4])
        }
    }

    @Test func updateResolvesSiblingsWithTheContextThatItRead() async throws {
        try await withCluster { _, call in
            call.name == "STATOR.GET" && call.key == "k" ? .bytes(RESP.reading(["a", nil, "b"])) : nil
        } _: { client, nodes in
            let context = try await client.update("k") { siblings in
                siblings.map { String(buffer: $0) }.joined(separator: "+")
            }
            #expect(context.bytes == Array("stored".utf8))
            #expect(nodes[0].calls("STATOR.PUT").last?.arguments == ["STATOR.PUT", "k", "a+b", "CONTEXT", "seen"])
            try await client.update("new") { siblings in "\(siblings.count)" }
            #expect(nodes[0].calls("STATOR.PUT").last?.arguments == ["STATOR.PUT", "new", "0", "CONTEXT", "NONE"])
        }
    }

    @Test func updateWritesNothingWhereItsClosureThrows() async throws {
        struct Refused: Error {}
        try await withCluster { client, nodes in
            await #expect(throws: Refused.self) {
                try await client.update("k") { _ -> String in throw Refused() }
            }
            #expect(nodes[0].calls("STATOR.PUT").isEmpty)
        }
    }

    @Test func updateWhoseTimeIsOverWritesNothing() async throws {
        try await withCluster { client, nodes in
            let error = await failure {
                try await client.update("k", timeout: .milliseconds(100)) { _ in
                    try await Task.sleep(for: .milliseconds(110))
                    return "late"
                }
            }
            #expect(error == .deadlineExceeded(outcomeUnknown: false))
            #expect(nodes[0].calls("STATOR.PUT").isEmpty)
        }
    }

    @Test func repliesGoToTheirRequestsOverOneConnection() async throws {
        try await withCluster { _, call in
            guard call.name == "STATOR.GET" else { return nil }
            return .after(milliseconds: Int64(call.key.utf8.last ?? 0) % 3, RESP.reading([call.key]))
        } _: { client, nodes in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask { try await client.get("key \(number)").text == "key \(number)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(nodes[0].connectionCount == 1)
        }
    }

    @Test func batchComesBackInItsOrderFromAllNodes() async throws {
        try await withCluster(3, replicas: 1) { _, call in
            call.name == "STATOR.GET" ? .bytes(RESP.reading([call.key])) : nil
        } _: { client, nodes in
            let keys = (0..<3000).map { $0 == 7 ? "" : "key \($0)" }
            let outcomes = await client.get(keys)
            #expect(outcomes.count == keys.count)
            for (key, outcome) in zip(keys, outcomes) where !key.isEmpty {
                let reading = try outcome.get()
                #expect(reading.text == key)
            }
            #expect(throws: StatorClientError.self) { try outcomes[7].get() }
            let written = await client.put(keys.suffix(100).map { ($0, "v") })
            #expect(written.allSatisfy { (try? $0.get())?.bytes == Array("stored".utf8) })
            #expect(nodes.allSatisfy { !$0.calls("STATOR.GET").isEmpty && !$0.calls("STATOR.PUT").isEmpty })
            #expect(await client.get([String]()).isEmpty)
        }
    }

    @Test(arguments: ["+OK\r\n", ":1\r\n", "*0\r\n", "$-1\r\n"])
    func replyOfAnotherKindIsAnErrorAndLeavesAWriteOpen(text: String) async throws {
        try await withCluster { _, call in
            call.name == "PING" || call.name == "STATOR.RING" ? nil : .bytes(text)
        } _: { client, _ in
            let read = await failure { try await client.get("k") }
            #expect(read?.name == "unexpectedReply")
            #expect(read?.isOutcomeUnknown == false)
            let write = await failure { try await client.put("k", "v") }
            #expect(write?.name == "unexpectedReply")
            #expect(write?.isOutcomeUnknown == true)
        }
    }
}
