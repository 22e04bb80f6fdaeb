import Foundation
import Gateways
import Logging
import NIOCore
import NIOPosix
import Replication
import StatorCore
import Testing

@Suite(.serialized) struct ConnectionTests {
    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }

    @Test func pipelinedResponsesComeInRequestOrder() async throws {
        try await withGateway { node, port in
            // The later the request, the sooner its answer.
            node.delayReplies { 100 * (100 - (Int(String(buffer: $0.key.bytes)) ?? 0)) }
            let client = try RawClient(port: port)
            try client.write((0..<100).map { Self.get("/kv/\($0)") }.joined())
            for number in 0..<100 {
                let response = try client.response()
                #expect(response.json["key"] as? String == String(number))
            }
        }
    }

    @Test func pipelinedReadSeesTheWriteBeforeIt() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            var text = ""
            for number in 0..<50 {
                text += "PUT /kv/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\(number + 10)" + Self.get("/kv/x")
            }
            try client.write(text)
            for number in 0..<50 {
                #expect(try client.response().status == (number == 0 ? 201 : 200))
                #expect(try client.response().text == String(number + 10))
            }
        }
    }

    @Test func requestsInFlightAreBounded() async throws {
        try await withGateway(adjust: { $0.maximumPipelined = 4 }) { node, port in
            node.hold()
            let client = try RawClient(port: port)
            // What comes in one piece begins together: the bound is on reading on.
            for number in 0..<4 {
                try client.write(Self.get("/kv/\(number)"))
                try eventually("request \(number) is under way") { node.requests.count == number + 1 }
            }
            for number in 4..<12 { try client.write(Self.get("/kv/\(number)")) }
            // Time for a fifth, were there to be one.
            usleep(100_000)
            #expect(node.requests.count == 4)
            node.release()
            for number in 0..<12 {
                #expect(try client.response().json["key"] as? String == String(number))
            }
        }
    }

    @Test func chunkedBodiesWork() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write(
                "PUT /kv/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
            )
            #expect(try client.response().status == 201)
            #expect(try client.request("GET", "/kv/c").text == "hello world")
        }
    }

    @Test func announcedTooLargeBodiesAreRefusedBeforeTheyAreSent() async throws {
        try await withGateway(maximumValue: 1000) { node, port in
            let client = try RawClient(port: port)
            try client.write("PUT /kv/c HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 413 && response.errorCode == "value_too_large")
            #expect(response.headers["connection"] == "close")
            client.closeOutput()
            #expect(try client.isClosed())
            #expect(node.requests.isEmpty)
        }
    }

    @Test func chunkedBodiesAreRefusedAsSoonAsTheyAreTooLarge() async throws {
        try await withGateway(maximumValue: 1000) { _, port in
            let client = try RawClient(port: port)
            try client.write("PUT /kv/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try client.write("3E9\r\n" + String(repeating: "x", count: 1001) + "\r\n")
            #expect(try client.response().status == 413)
        }
    }

    @Test func theLargestValueFitsAndOneByteMoreDoesNot() async throws {
        try await withGateway(maximumValue: 300_000) { _, port in
            let client = try RawClient(port: port)
            let largest = [UInt8](repeating: 0x61, count: 300_000)
            #expect(try client.request("PUT", "/kv/l", body: largest).status == 201)
            #expect(try client.request("GET", "/kv/l").body == largest)
            let text = String(repeating: "a", count: 299_998)
            #expect(try client.putJSON("/kv/j", "{\"value\":\"\(text)\"}").status == 201)
            let tooLong = try client.putJSON("/kv/j", "{\"value\":\"\(text)a\"}")
            #expect(tooLong.status == 413 && tooLong.error["maximum"] as? Int == 300_000)
            #expect(try client.request("GET", "/health").status == 200)
        }
    }

    @Test func expectContinueIsAnsweredBeforeTheBody() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write("PUT /kv/e HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.response().status == 100)
            try client.write("hi")
            #expect(try client.response().status == 201)
            try client.write("PUT /kv/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.response().status == 400)
            let other = try RawClient(port: port)
            try other.write("PUT /kv/e HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: cookies\r\n\r\n")
            #expect(try other.response().status == 417)
        }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET / HTTP/1.1\r\nHost a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "*1\r\n$4\r\nPING\r\n",
        "GET /kv/é HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func garbageIsAnsweredWith400AndClosed(_ bytes: String) async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write(bytes)
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.errorCode == "malformed_request")
            client.closeOutput()
            #expect(try client.isClosed())
            #expect(try RawClient(port: port).request("GET", "/health").status == 200)
        }
    }

    @Test func garbageAfterAGoodRequestIsAnsweredAfterIt() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write(Self.get("/kv/a") + "garbage\r\n\r\n")
            #expect(try client.response().status == 404)
            #expect(try client.response().status == 400)
        }
    }

    @Test func missingHostAndOtherVersionsAreRefused() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write("GET / HTTP/1.1\r\n\r\n")
            #expect(try client.response().errorCode == "invalid_host")
            let future = try RawClient(port: port)
            try future.write("GET / HTTP/2.0\r\nHost: a\r\n\r\n")
            #expect([400, 505].contains(try future.response().status))
        }
    }

    @Test func tooLargeHeadersAre431() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let filler = String(repeating: "x", count: 70_000)
            try? client.write("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: \(filler)\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 431 && response.errorCode == "headers_too_large")
        }
    }

    @Test func connectionsCloseWhenAskedAndStayOtherwise() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            for _ in 0..<3 { #expect(try client.request("GET", "/health").status == 200) }
            let last = try client.request("GET", "/health", headers: [("Connection", "close")])
            #expect(last.headers["connection"] == "close")
            client.closeOutput()
            #expect(try client.isClosed())
            let old = try RawClient(port: port)
            try old.write("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /health HTTP/1.0\r\n\r\n")
            #expect(try old.response().headers["connection"] == "keep-alive")
            #expect(try old.response().headers["connection"] == "close")
        }
    }

    @Test func clientThatClosesItsSideStillGetsItsAnswers() async throws {
        try await withGateway { node, port in
            node.hold()
            let client = try RawClient(port: port)
            try client.write(Self.get("/kv/1") + Self.get("/kv/2"))
            client.closeOutput()
            usleep(100_000)
            node.release()
            #expect(try client.response().status == 404)
            #expect(try client.response().status == 404)
            #expect(try client.isClosed())
        }
    }

    @Test func upgradeRequestsAreAnsweredInHTTP1() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let response = try client.request(
                "GET", "/health", headers: [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c")])
            #expect(response.status == 200)
        }
    }

    @Test func tooManyConnectionsAreToldSo() async throws {
        try await withGateway(adjust: { $0.maximumConnections = 2 }) { _, port in
            let first = try RawClient(port: port)
            let second = try RawClient(port: port)
            #expect(try first.request("GET", "/health").status == 200)
            #expect(try second.request("GET", "/health").status == 200)
            let third = try RawClient(port: port)
            let refusal = try third.response()
            #expect(refusal.status == 503 && refusal.errorCode == "overloaded")
            #expect(refusal.headers["retry-after"] != nil)
        }
    }

    @Test func idleAndUnfinishedRequestsTimeOut() async throws {
        try await withGateway(adjust: {
            $0.idleTimeout = .milliseconds(300)
            $0.transferTimeout = .milliseconds(300)
        }) { _, port in
            let idle = try RawClient(port: port)
            let slow = try RawClient(port: port)
            try slow.write("PUT /kv/x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
            #expect(try slow.response().status == 408)
            #expect(try idle.isClosed())
        }
    }

    @Test func clientThatNeverReadsIsClosed() async throws {
        try await withGateway(adjust: { $0.transferTimeout = .milliseconds(500) }) { _, port in
            let client = try RawClient(port: port)
            _ = try client.request("PUT", "/kv/big", body: [UInt8](repeating: 1, count: 1 << 20))
            try client.write((0..<200).map { _ in Self.get("/kv/big") }.joined())
            let observer = try RawClient(port: port)
            try eventually("it is closed") {
                let page = try observer.request("GET", "/stats").json["http"] as? [String: Any]
                return page?["connections"] as? Int == 1
            }
            #expect(throws: ClientFailure.self) {
                for _ in 0..<200 { _ = try client.response() }
            }
        }
    }

    @Test func portInUseIsOneSentence() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var settings = HTTPSettings(
            host: "127.0.0.1", port: 0, maximumValue: ByteCount(1), effectiveConfiguration: "{}", version: "1")
        let first = HTTPGateway(port: FakeNode(), settings: settings, group: group, logger: Logger(label: "test"))
        settings.port = try await first.start()
        let second = HTTPGateway(port: FakeNode(), settings: settings, group: group, logger: Logger(label: "test"))
        await #expect(throws: HTTPGatewayError.portInUse(host: "127.0.0.1", port: settings.port)) {
            _ = try await second.start()
        }
        await first.stop()
        try await group.shutdownGracefully()
    }

    @Test func stoppingLetsRequestsUnderWayEnd() async throws {
        let node = FakeNode()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let settings = HTTPSettings(
            host: "127.0.0.1", port: 0, maximumValue: ByteCount(1), effectiveConfiguration: "{}", version: "1")
        let gateway = HTTPGateway(port: node, settings: settings, group: group, logger: Logger(label: "test"))
        let port = try await gateway.start()
        node.hold()
        async let answered = blocking {
            let client = try RawClient(port: port)
            try client.write(Self.get("/kv/a"))
            return try client.response()
        }
        while node.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        async let stopped: Void = gateway.stop()
        while (try? await blocking { _ = try RawClient(port: port) }) != nil {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await Task.sleep(for: .milliseconds(300))
        node.release()
        let response = try await answered
        #expect(response.status == 404 && response.headers["connection"] == "close")
        await stopped
        try await group.shutdownGracefully()
    }
}
