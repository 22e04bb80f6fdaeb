import Foundation
import Testing

extension EndToEnd {
    /// Requests that depend on what is there, several at once.
    @Suite struct Conditions {
        private func withSockets(
            _ cluster: Cluster, _ nodes: [String], _ body: ([TCPSocket]) throws -> Void
        ) throws {
            try body(nodes.map { try TCPSocket(to: try #require(cluster[$0].file.respPort)) })
        }

        private func lines(_ socket: TCPSocket, _ count: Int) throws -> [String] {
            var bytes: [UInt8] = []
            while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < count {
                let more = try socket.receive(within: 60)
                guard !more.isEmpty else { throw HarnessError("the connection ended") }
                bytes += more
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
        }

        @Test func ofFiveClientsOneCreates() throws {
            try withCluster(settings: ["resp.conditional": "best-effort"]) { cluster in
                for nodes in [["A", "A", "A", "A", "A"], ["A", "B", "C", "D", "A"]] {
                    try withSockets(cluster, nodes) { sockets in
                        var winners: [Int] = []
                        for round in 0..<50 {
                            let key = "\(nodes[1])-\(round)"
                            for (number, socket) in sockets.enumerated() {
                                try socket.send(Array("SETNX \(key) \(number)\r\n".utf8))
                            }
                            let replies = try sockets.map { try lines($0, 1)[0] }
                            winners.append(replies.count { $0 == ":1" })
                            #expect(replies.allSatisfy { $0 == ":1" || $0 == ":0" }, "\(replies)")
                        }
                        #expect(winners == Array(repeating: 1, count: 50))
                    }
                }
                let ports = cluster.nodes.map(\.client.port)
                for round in 0..<20 {
                    let statuses = try Lanes.run(Array(0..<5), ports: ports, lanes: 5) { number, client in
                        try client.send(
                            "PUT", "/kv/http-\(round)", headers: ["If-None-Match": "*"], body: Array("\(number)".utf8)
                        ).status
                    }
                    #expect(statuses.sorted() == [201, 412, 412, 412, 412])
                }
            }
        }

        @Test func incrementsOfEightClientsAddUp() throws {
            try withCluster(settings: ["resp.conditional": "best-effort"]) { cluster in
                try withSockets(cluster, ["A", "B", "C", "D", "A", "B", "C", "D"]) { sockets in
                    let each = 25
                    for socket in sockets {
                        try socket.send(Array(String(repeating: "INCR counter\r\n", count: each).utf8))
                    }
                    let replies = try sockets.flatMap { try lines($0, each) }
                    let total = each * sockets.count
                    #expect(Set(replies) == Set((1...total).map { ":\($0)" }))
                    try sockets[0].send(Array("GET counter\r\n".utf8))
                    #expect(try lines(sockets[0], 2) == ["$\("\(total)".utf8.count)", "\(total)"])
                }
            }
        }
    }
}
