import Foundation
import StatorClient
import Testing

extension EndToEnd {
    /// RESP and the client library against real processes.
    @Suite struct RESPAndClient {
        @Test func whatRESPWritesHTTPReads() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let socket = try TCPSocket(to: try #require(cluster["A"].file.respPort))
                try socket.send(Array("SET plain hello\r\nGET plain\r\nSTATOR.GET never\r\n".utf8))
                #expect(try text(socket, until: "*0\r\n") == "+OK\r\n$5\r\nhello\r\n*2\r\n$-1\r\n*0\r\n")
                let found = try cluster["B"].client.send("GET", "/kv/plain")
                #expect(found.status == 200)
                #expect(String(decoding: found.body, as: UTF8.self) == "hello")
                _ = try cluster["C"].client.put("json", "text")
                try socket.send(Array("GET json\r\n".utf8))
                #expect(try text(socket, until: "text\r\n") == "$4\r\ntext\r\n")
            }
        }

        private func text(_ socket: TCPSocket, until end: String) throws -> String {
            var bytes: [UInt8] = []
            while !String(decoding: bytes, as: UTF8.self).hasSuffix(end) {
                let more = try socket.receive(within: 60)
                guard !more.isEmpty else { throw HarnessError("the connection ended") }
                bytes += more
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        @Test func theClientGoesOnWithoutANode() async throws {
            let cluster = try Cluster(["A", "B", "C"])
            defer { cluster.end() }
            try cluster.startAndWait()
            let port = try #require(cluster["A"].file.respPort)
            let client = try await StoreClient.connect(seeds: ["127.0.0.1:\(port)"])
            try await client.put("greeting", "hello")
            #expect(try await client.get("greeting").text == "hello")
            #expect(await client.statistics().nodes.count == 3)
            try cluster["B"].kill()
            for number in 0..<50 {
                try await client.put("key-\(number)", "\(number)", isIdempotent: true)
                #expect(try await client.get("key-\(number)").text == "\(number)")
            }
            let batch = await client.get((0..<50).map { "key-\($0)" })
            #expect(try batch.map { try $0.get().text } == (0..<50).map { "\($0)" })
            await client.close()
        }
    }
}
