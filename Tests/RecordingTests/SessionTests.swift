import Checking
import NIOCore
import NIOHTTP1
import NodeClient
import Recording
import Synchronization
import Testing

@Suite struct SessionTests {
    @Test func anUpdateReadsAndWritesWithTheContextThatItWasGiven() async throws {
        let store = ModelStore()
        try await withNodes([store.reply], adjust: { $0.only(\.updates) }) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.count == 20)
            var knownKeys: Set<String> = []
            for (read, write) in zip(operations, operations.dropFirst()) where read.kind == .read {
                #expect(write.kind == .write && write.key == read.key)
                #expect(write.context == read.resultContext)
                #expect(write.basis == (knownKeys.contains(read.key) ? .context : .none))
                #expect(write.start >= read.end)
                knownKeys.insert(read.key)
            }
            #expect(knownKeys.count > 1)
            let sent = store.requests.filter { $0.method == .PUT }.map(\.context)
            #expect(sent == operations.filter { $0.kind == .write }.map { $0.context ?? "none" })
        }
    }

    @Test func whatWasNeverWrittenIsNotDeleted() async throws {
        let store = ModelStore()
        try await withNodes([store.reply], adjust: { $0.only(\.deletes) }) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.count == 20)
            #expect(operations.allSatisfy { $0.kind == .read })
        }
    }

    @Test func aDeletePresentsWhatWasRead() async throws {
        try await withNodes(
            [
                {
                    $0.method == .GET
                        ? .answer(200, #"{"value":"x"}"#, context: "c1") : .answer(200, "{}", context: "c2")
                }
            ],
            adjust: { $0.only(\.deletes) }
        ) { settings in
            let deletes = await Recorder(settings).work().history.operations.filter { $0.kind == .delete }
            #expect(deletes.count == 10)
            #expect(deletes.allSatisfy { $0.basis == .context && $0.context == "c1" && $0.resultContext == "c2" })
        }
    }

    @Test(arguments: [false, true])
    func writesWithoutAContextSayWhatTheySupersede(isHeld: Bool) async throws {
        let store = ModelStore()
        try await withNodes([store.reply], adjust: { $0.only(isHeld ? \.heldWrites : \.siblingWrites) }) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.allSatisfy { $0.basis == (isHeld ? .held : .none) && $0.context == nil })
            #expect(store.requests.allSatisfy { $0.context == (isHeld ? nil : "none") })
            #expect(Set(operations.compactMap(\.value)).count == 20)
        }
    }

    @Test(arguments: [ScriptedReply.close, .silence])
    func aWriteWithoutAnAnswerIsUnknownAndAnotherNodeIsAskedNext(reply: ScriptedReply) async throws {
        let store = ModelStore()
        try await withNodes(
            [{ _ in reply }, store.reply],
            adjust: { settings in
                settings.only(\.heldWrites)
                settings.isSticky = true
                settings.requestTimeout = .seconds(5)
            }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            let first = try #require(operations.first)
            #expect(first.outcome == .unknown && first.error != nil)
            #expect(first.node == settings.nodes[0].authority)
            #expect(operations.dropFirst().first?.outcome == .ok)
            #expect(operations.dropFirst().first?.node == "B")
        }
    }

    @Test func aReadWithoutAnAnswerHasFailed() async throws {
        try await withNodes(
            [{ _ in .close }],
            adjust: { settings in
                settings.only(\.reads)
                settings.operations = 1
            }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.map(\.outcome) == [.failed])
        }
    }

    @Test func aRefusedConnectionIsWithoutEffectAndAnotherNodeIsAskedNext() async throws {
        let gone = try await ScriptedNode.start { _ in .close }
        try await gone.stop()
        let store = ModelStore()
        try await withNodes(
            [store.reply],
            adjust: { settings in
                settings.only(\.heldWrites)
                settings.isSticky = true
                settings.nodes.insert(gone.url, at: 0)
            }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.map(\.outcome) == [.failed] + [HistoryOperation.Outcome](repeating: .ok, count: 19))
            #expect(store.requests.count == 19)
        }
    }

    @Test func aNodeThatCannotServeIsLeftAloneForAWhile() async throws {
        let store = ModelStore()
        try await withNodes(
            [{ _ in .refusal(503, "not_ready") }, store.reply], adjust: { $0.only(\.reads) }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            let refused = operations.filter { $0.node == "A" }
            #expect(!refused.isEmpty)
            #expect(zip(refused, refused.dropFirst()).allSatisfy { $1.start - $0.start >= 1_000_000_000 })
            #expect(refused.allSatisfy { $0.outcome == .failed && $0.error == "503 not_ready" })
        }
    }

    @Test func anUnmetQuorumIsAnAnswerOfANodeThatServes() async throws {
        try await withNodes(
            [{ _ in .refusal(503, "quorum_unmet") }, { _ in .refusal(503, "quorum_unmet") }],
            adjust: { settings in
                settings.only(\.heldWrites)
                settings.isSticky = true
            }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.count == 20)
            #expect(operations.allSatisfy { $0.outcome == .unknown && $0.node == "A" })
        }
    }

    @Test func clientsTogetherDoWhatIsAskedAndNoMore() async throws {
        let store = ModelStore()
        try await withNodes(
            [store.reply, store.reply],
            adjust: { settings in
                settings.clients = 7
                settings.operations = 101
            }
        ) { settings in
            let recorded = await Recorder(settings).work()
            let operations = recorded.history.operations
            #expect(operations.map(\.id) == Array(1...101))
            #expect(store.requests.count == 101)
            #expect(Set(operations.map(\.client)) == Set(0..<7))
            #expect(recorded.operationsOfNodes.map(\.node) == ["A", "B"])
            for client in 0..<7 {
                let own = operations.filter { $0.client == client }
                #expect(zip(own, own.dropFirst()).allSatisfy { $0.end <= $1.start }, "one after the other")
            }
        }
    }

    @Test func timeEndsARecording() async throws {
        let store = ModelStore()
        try await withNodes(
            [store.reply],
            adjust: { settings in
                settings.operations = RecordingLimits.operations.upperBound
                settings.duration = .seconds(1)
                settings.rate = 50
            }
        ) { settings in
            let operations = await Recorder(settings).work().history.operations
            #expect(operations.count < 1000)
        }
    }

    @Test func aCancelledRecordingKeepsWhatItHas() async throws {
        let store = ModelStore()
        try await withNodes(
            [store.reply],
            adjust: { settings in
                settings.operations = RecordingLimits.operations.upperBound
                settings.duration = .seconds(3600)
                settings.rate = 200
            }
        ) { settings in
            let work = Task { await Recorder(settings).work() }
            while store.requests.count < 10 { try await Task.sleep(for: .milliseconds(5)) }
            work.cancel()
            let operations = await work.value.history.operations
            #expect(operations.count >= 10)
            #expect(operations.count == store.requests.count)
        }
    }
}
