import Foundation
import Processes
import StatorCore
import Testing

extension EndToEnd {
    /// What strangers can do at the port that is for other nodes.
    @Suite struct PeerPort {
        @Test func garbageIsCountedAndClosedAndCostsNoMemory() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let a = cluster["A"]
                #expect(try a.client.put("before", "value").status == 201)
                let malformed = try a.stats()["transport"]["malformed_frames"].int ?? 0
                let memory = try residentKilobytes(a)
                let seed: UInt64 = 7
                var random = RandomGenerator(seed: seed)
                let count = 40
                for number in 0..<count {
                    // A length of 2 GiB, of the largest frame between friends, or of nothing; then noise.
                    let lengths: [[UInt8]] = [[0x7F, 0xFF, 0xFF, 0xFF], [0x04, 0x80, 0x00, 0x00], [0, 0, 0, 0]]
                    let noise = (0..<random.below(4000) + 1).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    let socket = try TCPSocket(to: a.file.peerPort)
                    try? socket.send(lengths[number % 3] + noise)
                    #expect(socket.isClosedByPeer(within: 60), "connection \(number), seed \(seed)")
                }
                try eventually("the frames to be counted", within: 60) {
                    try a.stats()["transport"]["malformed_frames"].int ?? 0 >= malformed + count
                }
                let http = try TCPSocket(to: a.file.peerPort)
                try http.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                #expect(http.isClosedByPeer(within: 60))

                #expect(a.isRunning)
                let grown = try residentKilobytes(a) - memory
                #expect(grown < 64 << 10, "\(grown) KiB more than before")
                #expect(try a.client.get("before", query: "r=all").status == 200)
                let metrics = try a.client.send("GET", "/metrics").text
                #expect(metrics.contains("stator_transport_malformed_frames_total"))
            }
        }

        @Test func announcedFrameThatNeverComesIsGivenUp() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let socket = try TCPSocket(to: cluster["A"].file.peerPort)
                try socket.send([0, 0, 0x0F, 0x00, 0xFF, 1])
                #expect(socket.isClosedByPeer(within: 60), "half a handshake must not be waited for without end")
                #expect(try cluster["A"].client.put("key", "value").status == 201)
            }
        }

        @Test func nodeOfAnotherClusterIsRefusedByItsName() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let a = cluster["A"]
                let refused = try a.stats()["transport"]["connections_refused"].int ?? 0
                // X believes that A belongs to its own cluster.
                let stranger = NodeFile.Member(
                    name: "X", peerPort: try FreePorts.take(), httpPort: try FreePorts.take())
                let file = NodeFile(
                    name: "X", peerPort: stranger.peerPort, httpPort: stranger.httpPort,
                    dataFolder: "\(cluster.folder.path)/data/X", cluster: "another",
                    members: [stranger, a.file.members[0]],
                    settings: ["replication.n": 1, "replication.r": 1, "replication.w": 1])
                let x = try ClusterNode(file, folder: cluster.folder.path)
                defer { x.end() }
                try x.start()
                try eventually("A to refuse X") {
                    try a.stats()["transport"]["connections_refused"].int ?? 0 > refused
                }
                try eventually("X to say so") { x.logTail.contains("refuses this node") }
                #expect(a.logTail.contains("another"), "the log names the cluster: \(a.logTail)")
                let members = try a.client.page("/gossip")["members"].elements.compactMap { $0["node"].text }
                #expect(members == ["A", "B", "C"])
                #expect(try a.stats()["transport"]["links_up"].int == 2)
            }
        }

        private func residentKilobytes(_ node: ClusterNode) throws -> Int {
            let pid = try #require(node.process?.pid)
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
        }
    }
}
