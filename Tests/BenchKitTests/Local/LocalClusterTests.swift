import Composition
import NIOCore
import NIOHTTP1
import NodeClient
import Testing

@testable import BenchKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Clusters of real processes. The first ones need no node program.
@Suite(.serialized) struct LocalClusterTests {
    @Test func filesOfAllNodesAreSoundConfigurations() async throws {
        let place = try ScratchFolder()
        let sections = [JSONMember("replication", .object([JSONMember("n", .integer(2))]))]
        let folder = place.path + "/cluster"
        let cluster = try LocalCluster(
            sections: sections, names: ["A", "B", "C"], outsiders: 1, shards: 2, zones: 2, folder: folder,
            program: "/bin/sh")
        for (index, name) in cluster.names.enumerated() {
            let bytes = try #require(LocalFiles.read("\(folder)/\(name).json", maximum: 1 << 20))
            let file = try NodeConfiguration.load(json: bytes, registry: .standard)
            #expect(file.node.name == name && file.node.zone == "zone-\(index % 2)" && file.node.shards == 2)
            #expect(file.members.map(\.name) == ["A", "B"] && file.isOutsider == (name == "C"))
            #expect(file.node.dataFolder == "\(folder)/data/\(name)" && file.node.logLevel == "warning")
            #expect(file.replication.n == 2)
            #expect(file.node.http == cluster.urls[index].authority)
        }
        try await cluster.end()
        #expect(LocalFiles.names(in: place.path) == [])
    }

    @Test func whatCannotBeMadeIsRefusedInASentence() throws {
        let place = try ScratchFolder()
        try LocalFiles.write("mine", to: place.path + "/file")
        func make(_ folder: String, _ program: String = "/bin/sh") throws {
            _ = try LocalCluster(names: ["A"], folder: folder, program: program)
        }
        #expect(throws: LocalError.folderNotEmpty(place.path)) { try make(place.path) }
        #expect(throws: LocalError.programNotFound("/no/stator-node")) { try make(place.path + "/x", "/no/stator-node") }
        let error = #expect(throws: LocalError.self) { try make(place.path + "/file/x") }
        #expect("\(try #require(error))".contains("\(place.path)/file/"))
        #expect(LocalFiles.read(place.path + "/file", maximum: 100) == Array("mine".utf8))
    }

    @Test func nodeThatEndsAtOnceIsNotWaitedFor() async throws {
        let place = try ScratchFolder()
        let cluster = try LocalCluster(names: ["A"], folder: place.path + "/x", program: "/bin/ls")
        try await cluster.start()
        let error = await #expect(throws: LocalError.self) { try await cluster.waitUntilReady() }
        guard case .endedBeforeReady("A", .exited, let log)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(log.contains { $0.contains("--config") })
        #expect(await cluster.unexpectedEnds().map(\.node) == ["A"])
        try await cluster.end()
    }

    @Test func nodeThatDoesNotAnswerIsWaitedForUntilTheLimit() async throws {
        let place = try ScratchFolder()
        let script = place.path + "/node"
        try LocalFiles.write("#!/bin/sh\necho starting slowly\nexec sleep 60\n", to: script)
        #expect(chmod(script, 0o755) == 0)
        let cluster = try LocalCluster(names: ["A"], folder: place.path + "/x", program: script)
        try await cluster.start()
        let error = await #expect(throws: LocalError.self) {
            try await cluster.waitUntilReady(within: .milliseconds(300))
        }
        let text = "\(try #require(error))"
        #expect(text.contains("node A was not ready within 0.3 s") && text.contains("starting slowly"), "\(text)")
        let task = Task { try await cluster.waitUntilReady() }
        task.cancel()
        await #expect(throws: LocalError.cancelled(waitingFor: "node A")) { try await task.value }
        try await cluster.end()
        // SIGTERM ends a sleep as no node should end.
        #expect(await cluster.unexpectedEnds().map(\.end) == [.killed(SIGTERM)])
    }

    @Test func namesAndStatesThatAreNotThereAreRefused() async throws {
        let place = try ScratchFolder()
        let cluster = try LocalCluster(names: ["A", "B"], folder: place.path + "/x", program: "/bin/sh")
        await #expect(throws: LocalError.unknownNode("Z", known: ["A", "B"])) { try await cluster.kill("Z") }
        await #expect(throws: LocalError.notRunning(node: "A")) { try await cluster.kill("A") }
        await #expect(throws: LocalError.notRunning(node: "A")) { try await cluster.pause("A") }
        await #expect(throws: LocalError.notRunning(node: "A")) { try await cluster.leave("A") }
        #expect(await cluster.settlingComplaints() == ["node A does not run", "node B does not run"])
        #expect(await cluster.snapshot().map(\.state) == [.down, .down])
        try await cluster.end()
    }

    @Test(.enabled(if: NodeProgram.path != nil, "no stator-node: build it, or set STATOR_BINARIES to its folder"))
    func clusterIsStartedHarmedRecoveredAndEnded() async throws {
        let place = try ScratchFolder()
        let folder = place.path + "/cluster"
        let hints = JSONMember("hints", .object([JSONMember("deliveryIntervalMilliseconds", .integer(100))]))
        let cluster = try LocalCluster(
            sections: [hints], names: ["A", "B", "C", "D"], outsiders: 1, folder: folder,
            program: try #require(NodeProgram.path))
        try await cluster.start(outsiders: true)
        try await cluster.waitUntilReady()
        await #expect(throws: LocalError.isRunning(node: "A")) { try await cluster.start("A") }
        let before = await cluster.snapshot()
        for number in 0..<50 { #expect(try await put(cluster, number % 3, "key-\(number)") == 201) }
        let changes = zip(before, await cluster.snapshot()).map { $1.difference(since: $0) }
        #expect(changes.prefix(3).reduce(0) { $0 + ($1.figures?[.puts] ?? 0) } == 50)
        #expect(changes.prefix(3).allSatisfy { $0.figures?[.bytesSent] ?? 0 > 0 })
        let shares = try await cluster.ringShares()
        #expect(shares.map(\.node) == ["A", "B", "C"] && shares.allSatisfy { abs($0.replica - 1) < 1e-9 })

        try await cluster.kill("B")
        #expect(await cluster.unexpectedEnds().isEmpty)
        #expect(try await cluster.state(of: "B") == .down)
        try await cluster.wipe("B")
        #expect(LocalFiles.names(in: folder + "/data") == ["A", "C", "D"])
        try await cluster.start("B")
        try await cluster.waitUntilReady()
        #expect(await cluster.waitUntilSettled() == [])
        #expect(await cluster.snapshot()[1].figures?[.liveKeys] == 50)

        try await cluster.pause("C")
        #expect(await cluster.snapshot()[2].figures == nil)
        #expect(await cluster.settlingComplaints().contains("node C is paused"))
        try await cluster.resume("C")
        try await cluster.waitUntilReady()

        try await cluster.join("D")
        try await cluster.waitUntilRingIsStable()
        #expect(try await cluster.ringShares().map(\.node) == ["A", "B", "C", "D"])
        try await cluster.leave("D")
        try await cluster.waitUntilRingIsStable()
        #expect(try await cluster.ringShares().map(\.node) == ["A", "B", "C"])

        let pid = try #require(await cluster.nodes[0].process?.pid)
        #expect(kill(pid, SIGKILL) == 0)
        for _ in 0..<1000 where await cluster.unexpectedEnds().isEmpty { usleep(2000) }
        #expect(await cluster.unexpectedEnds().map(\.end) == [.killed(SIGKILL)])
        await #expect(throws: LocalError.notRunning(node: "A")) { try await cluster.kill("A") }
        try await cluster.restart("B")
        try await cluster.end()
        #expect(await cluster.unexpectedEnds().count == 1)
        #expect(LocalFiles.names(in: place.path) == [])
    }

    private func put(_ cluster: LocalCluster, _ index: Int, _ key: String) async throws -> Int {
        let call = HTTPCall(
            method: .PUT, target: keyPath(key), headers: [("Content-Type", "text/plain")],
            body: ByteBuffer(string: "value"))
        return try await HTTPClient.send(call, to: cluster.urls[index]).status
    }
}

/// The node program, where it has been built.
enum NodeProgram {
    static let path: String? = {
        let folder = getenv("STATOR_BINARIES").map { String(cString: $0) } ?? ".build/release"
        return try? ProgramPath.find(folder + "/stator-node")
    }()
}

var thisProcess: Int32 { getpid() }
