import Checking
import NIOHTTP1
import NodeClient
import Recording
import Synchronization
import Testing

@Suite struct RecorderTests {
    private static let everything = Promises(
        keepsAcknowledged: true, noFalseConcurrency: true, contextWins: true, readYourWrites: true,
        monotonicReads: true,
        noResurrection: true)

    /// All stages, then through the file's format into the checkers.
    private func checked(_ settings: RecordingSettings) async throws -> (RecordedHistory, CheckReport) {
        let recorder = Recorder(settings)
        try await recorder.prepare()
        let worked = await recorder.work()
        #expect(await recorder.settle() == [])
        let recorded = await recorder.readFinally(worked)
        let history = try HistoryCodec.decode(HistoryCodec.encode(recorded.history))
        #expect(history == recorded.history)
        return (recorded, HistoryChecks.report(IndexedHistory(history), Self.everything))
    }

    @Test func aStoreThatKeepsItsPromisesIsFoundClean() async throws {
        let store = ModelStore()
        try await withNodes(
            [store.reply, store.reply, store.reply],
            adjust: { settings in
                settings.clients = 6
                settings.operations = 1000
                settings.keys = 10
            }
        ) { settings in
            let (recorded, report) = try await checked(settings)
            #expect(report.isClean, "\(report)")
            #expect(recorded.finalReads == 10 && recorded.usedKeys == 10)
            #expect(recorded.count(.ok) == 1000)
            #expect(recorded.history.operations.suffix(10).allSatisfy { $0.isFinal && $0.client == 6 })
            #expect(Set(recorded.history.operations.map(\.id)).count == 1010)
        }
    }

    @Test func aLostWriteIsSeen() async throws {
        let store = ModelStore(losing: ["v20"])
        try await withNodes(
            [store.reply],
            adjust: { settings in
                settings.only(\.siblingWrites)
                settings.keys = 1
            }
        ) { settings in
            let (_, report) = try await checked(settings)
            #expect(report.verdicts.filter(\.fails).map(\.checker).contains("lost-writes"))
        }
    }

    @Test func finalReadsAreRepeatedUntilAllReplicasAnswer() async throws {
        let store = ModelStore()
        let refusals = Mutex(5)
        try await withNodes(
            [
                { request in
                    let isRefused =
                        request.asksAll
                        && refusals.withLock { left in
                            left -= 1
                            return left >= 0
                        }
                    return isRefused ? .refusal(503, "quorum_unmet") : store.reply(request)
                }
            ],
            adjust: { $0.keys = 2 }
        ) { settings in
            let (recorded, report) = try await checked(settings)
            #expect(report.isClean, "\(report)")
            let finals = recorded.history.operations.filter(\.isFinal)
            #expect(finals.map(\.key) == ["k0", "k1"])
            #expect(finals.allSatisfy { $0.outcome == .ok })
            #expect(store.requests.filter(\.asksAll).count == 2)
        }
    }

    @Test func finalReadsThatAreNeverAnsweredAreGivenUp() async throws {
        let store = ModelStore()
        try await withNodes(
            [{ $0.asksAll ? .refusal(503, "quorum_unmet") : store.reply($0) }],
            adjust: { $0.finalDuration = .seconds(1) }
        ) { settings in
            let (recorded, report) = try await checked(settings)
            #expect(recorded.finalReads == 0 && recorded.usedKeys == 3)
            let finals = recorded.history.operations.filter(\.isFinal)
            #expect(finals.count == 3)
            #expect(finals.allSatisfy { $0.outcome == .failed && $0.error == "503 quorum_unmet" })
            #expect(report.isClean)
        }
    }

    @Test func theNodesAreGivenTimeToDeliverTheirHints() async throws {
        let looks = Mutex(0)
        try await withNodes([
            { request in
                guard request.path == "/stats" else { return .answer(200, "{}") }
                let look = looks.withLock { looks in
                    looks += 1
                    return looks
                }
                return .answer(200, #"{"hints":{"pending":\#(max(0, 3 - look))}}"#)
            }
        ]) { settings in
            #expect(await Recorder(settings).settle() == [])
            #expect(looks.withLock { $0 } == 3)
        }
    }

    @Test func nodesThatDoNotSettleAreNamed() async throws {
        let gone = try await ScriptedNode.start { _ in .close }
        try await gone.stop()
        try await withNodes(
            [
                { $0.path == "/ready" ? .refusal(503, "not_ready") : .answer(200, "{}") },
                { $0.path == "/stats" ? .answer(200, #"{"hints":{"pending":12}}"#) : .answer(200, "{}") },
            ],
            adjust: { settings in
                settings.nodes.append(gone.url)
                settings.finalDuration = .seconds(1)
            }
        ) { settings in
            let complaints = await Recorder(settings).settle()
            #expect(complaints.count == 3)
            #expect(complaints[0] == "\(settings.nodes[0]) is not ready: no")
            #expect(complaints[1] == "\(settings.nodes[1]) keeps 12 hints for others")
            #expect(complaints[2].contains("\(gone.url) cannot be reached"))
        }
    }

    @Test func keysThatWereWrittenBeforeAreRefused() async throws {
        for reply in [
            ScriptedReply.answer(200, #"{"value":"old"}"#, context: "c"),
            .answer(404, #"{"error":{"code":"not_found"}}"#, context: "c"),
        ] {
            try await withNodes([{ $0.path == "/kv/k2" ? reply : .neverWritten }]) { settings in
                await #expect(throws: RecordingFailure.keyInUse("k2")) { try await Recorder(settings).prepare() }
            }
        }
    }

    @Test func nothingBeginsWhereNobodyAnswers() async throws {
        let gone = try await ScriptedNode.start { _ in .close }
        try await gone.stop()
        let recorder = Recorder(RecordingSettings(nodes: [gone.url], keyPrefix: "k"))
        await #expect(throws: RecordingFailure.self) { try await recorder.prepare() }
    }

    @Test func oneNodeThatAnswersIsEnoughToBegin() async throws {
        let gone = try await ScriptedNode.start { _ in .close }
        try await gone.stop()
        try await withNodes([{ _ in .neverWritten }], adjust: { $0.nodes.insert(gone.url, at: 0) }) { settings in
            try await Recorder(settings).prepare()
        }
    }
}
