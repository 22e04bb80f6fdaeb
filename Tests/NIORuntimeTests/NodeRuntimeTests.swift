import NIOCore
import NIOPosix
import NodeCore
import Replication
import StatorCore
import Storage
import Testing

@testable import NIORuntime

@Suite struct NodeRuntimeTests {
    @Test(arguments: [TestNodes.Engine.memory, .log], [1, 3])
    func aNodeAloneStoresAndReads(engine: TestNodes.Engine, shards: Int) async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let blueprint = TestNodes.blueprint(member, among: [member], shards: shards, engine: engine)
        let node = TestNodes.runtime(blueprint, folder: TestNodes.temporaryFolder())
        try await node.start()
        try await node.waitUntilServing()
        for number in 0..<50 {
            guard case .stored = try await node.put("key-\(number)", "value-\(number)") else {
                Issue.record("key-\(number) is not stored")
                continue
            }
        }
        for number in 0..<50 { #expect(try await node.value("key-\(number)") == "value-\(number)") }
        #expect(try await node.value("never") == nil)
        let inspection = await node.inspection()
        #expect(inspection.shards.count == shards)
        #expect(inspection.shards.reduce(0) { $0 + $1.storage.records } >= 50)
        #expect(inspection.notReadyReason == nil)
        #expect(inspection.failure == nil)
        await node.stop()
    }

    @Test func threeNodesReplicateAndOutliveOne() async throws {
        var members: [Member] = []
        for name in ["A", "B", "C"] {
            members.append(TestNodes.member(name, port: try await TestNodes.freePort()))
        }
        var nodes: [NodeRuntime] = []
        for member in members {
            let blueprint = TestNodes.blueprint(member, among: members, shards: 2, engine: .log)
            let node = TestNodes.runtime(blueprint, folder: TestNodes.temporaryFolder())
            try await node.start()
            nodes.append(node)
        }
        for node in nodes { try await node.waitUntilServing() }
        for node in nodes {
            try await TestNodes.eventually("\(node.node) has recovered its empty folder") {
                await node.inspection().shards.allSatisfy { $0.recoveringFraction == 0 }
            }
        }
        for number in 0..<60 {
            guard case .stored = try await nodes[number % 3].put("key-\(number)", "\(number)") else {
                Issue.record("key-\(number) is not stored")
                continue
            }
        }
        for number in 0..<60 { #expect(try await nodes[(number + 1) % 3].value("key-\(number)") == "\(number)") }
        #expect(nodes[0].counters.snapshot.linksUp == 4)
        await nodes[2].stop()
        for node in nodes[..<2] {
            try await TestNodes.eventually("the links to C are down") { node.counters.snapshot.linksUp == 2 }
        }
        for number in 0..<60 { #expect(try await nodes[number % 2].value("key-\(number)") == "\(number)") }
        for node in nodes { #expect(node.counters.snapshot.malformedFrames == 0) }
        await nodes[0].stop()
        await nodes[1].stop()
    }

    @Test func restartKeepsTheData() async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let folder = TestNodes.temporaryFolder()
        let blueprint = TestNodes.blueprint(member, among: [member], engine: .log)
        var actors: [Actor] = []
        for round in 0..<3 {
            let node = TestNodes.runtime(blueprint, folder: folder)
            try await node.start()
            try await node.waitUntilServing()
            if round > 0 { #expect(try await node.value("key") == "round \(round - 1)") }
            _ = try await node.put("key", "round \(round)")
            actors += await node.inspection().shards.map(\.actor)
            await node.stop()
        }
        #expect(Set(actors).count == 1, "a clean stop keeps the incarnation")
    }

    @Test func stopLeavesNoLockAndRefusesRequests() async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let folder = TestNodes.temporaryFolder()
        let blueprint = TestNodes.blueprint(member, among: [member], engine: .log)
        let node = TestNodes.runtime(blueprint, folder: folder)
        guard case .failed(.unavailable) = try await node.put("key", "early") else {
            Issue.record("served before its start")
            return
        }
        try await node.start()
        try await node.waitUntilServing()
        let second = TestNodes.runtime(blueprint, folder: folder)
        await #expect(throws: StartError.folderLocked(folder, process: "\(SystemClock.processID)")) {
            try await second.start()
        }
        await node.stop()
        await node.stop()
        guard case .failed(.unavailable) = try await node.put("key", "late") else {
            Issue.record("served after its stop")
            return
        }
        #expect(try !POSIXDisk().exists("\(folder)/lock"))
        #expect(await node.inspection().notReadyReason != nil)
        let third = TestNodes.runtime(blueprint, folder: folder)
        try await third.start()
        await third.stop()
    }

    @Test func usedPortIsNamedAndNothingStaysBehind() async throws {
        let taken = try await ServerBootstrap(group: TestNodes.group).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(taken.localAddress?.port)
        let member = TestNodes.member("A", port: port)
        let folder = TestNodes.temporaryFolder()
        let blueprint = TestNodes.blueprint(member, among: [member], engine: .log)
        await #expect(throws: StartError.portInUse(member.peerEndpoint)) {
            try await TestNodes.runtime(blueprint, folder: folder).start()
        }
        try await taken.close()
        let node = TestNodes.runtime(blueprint, folder: folder)
        try await node.start()
        await node.stop()
    }

    @Test func unwritableFolderIsNamed() async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let node = TestNodes.runtime(TestNodes.blueprint(member, among: [member]), folder: "/proc/stator")
        let error = await #expect(throws: StartError.self) { try await node.start() }
        guard case .folderUnusable("/proc/stator", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func requestsUnderWayAreFinishedByAStop() async throws {
        let member = TestNodes.member("A", port: try await TestNodes.freePort())
        let blueprint = TestNodes.blueprint(member, among: [member], shards: 2, engine: .log)
        let node = TestNodes.runtime(blueprint, folder: TestNodes.temporaryFolder())
        try await node.start()
        try await node.waitUntilServing()
        let answered = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { (try? await node.put("key-\(number)", "value")) != nil }
            }
            group.addTask {
                await node.stop()
                return true
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answered == 201)
    }
}
