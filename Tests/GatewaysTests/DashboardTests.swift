import Foundation
import Replication
import StatorCore
import Testing

@testable import Gateways

/// The dashboard's page, its state and its stream, and faults by request.
@Suite struct DashboardTests {
    @Test(arguments: [
        ("/dashboard", "text/html"), ("/dashboard/dashboard.css", "text/css"),
        ("/dashboard/dashboard.js", "text/javascript"), ("/dashboard/ring.js", "text/javascript"),
    ])
    func partsOfThePageAreServedWithTheirPolicy(_ path: String, _ type: String) async throws {
        try await withGateway { _, port in
            let response = try RawClient(port: port).request("GET", path)
            #expect(response.status == 200)
            #expect(response.headers["content-type"]?.hasPrefix(type) == true)
            #expect(response.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(response.body.count > 500)
        }
    }

    /// Whatever the page imports or links is served; what it does not name is not there.
    @Test func thePageNamesOnlyWhatIsServed() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            var waiting = ["dashboard.js", "dashboard.css"]
            var seen: Set<String> = []
            let page = try client.request("GET", "/dashboard").text
            for name in waiting { #expect(page.contains("\"dashboard/\(name)\"")) }
            while let name = waiting.popLast() {
                guard seen.insert(name).inserted else { continue }
                let part = try client.request("GET", "/dashboard/\(name)")
                #expect(part.status == 200, "\(name)")
                for match in part.text.matches(of: /from "\.\/([a-z]+\.js)"/) { waiting.append(String(match.output.1)) }
            }
            #expect(seen.count == 10)
            #expect(try client.request("GET", "/dashboard/secrets.js").status == 404)
            #expect(try client.request("GET", "/dashboard/").status == 404)
            #expect(try client.request("POST", "/dashboard").status == 405)
        }
    }

    @Test func theStateHasWhatADashboardDraws() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.putJSON("/kv/a", "{\"value\":1}")
            let state = try client.request("GET", "/dashboard/state").json
            #expect(state["node"] as? String == "A")
            #expect((state["members"] as? [Any])?.count == 3)
            #expect((state["hints"] as? [String: Any])?["pending"] as? Int == 3)
            #expect((state["keys"] as? [String: Int])?["live"] == 97)
            #expect(state["faults"] is NSNull)
            #expect(state["round"] is [String: Any] && state["window"] is [String: Any])
            #expect(try client.request("GET", "/dashboard/state?since=x").status == 400)
        }
    }

    @Test func theStreamBeginsAtOnceAndGoesOn() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            try client.write("GET /dashboard/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let head = try client.response()
            #expect(head.status == 200)
            #expect(head.headers["content-type"] == "text/event-stream")
            #expect(head.headers["content-length"] == nil)
            let first = try client.message()
            #expect(first["node"] as? String == "A")
            func texts(_ message: [String: Any]) -> [String] {
                (message["events"] as? [[String: Any]])?.compactMap { $0["text"] as? String } ?? []
            }
            // What happened before the stream began is in its first message.
            var told = texts(first)
            for _ in 0..<6 where !told.contains("the disk failed") {
                if !told.isEmpty { node.change { $0.failure = "the disk failed" } }
                told += texts(try client.message())
            }
            #expect(told.contains("the disk failed"), "\(told)")
        }
    }

    /// Streams are bounded, and one that ends makes room.
    @Test func streamsAreBoundedAndEndWithTheirClients() async throws {
        try await withGateway { _, port in
            func open() throws -> (RawClient, Int) {
                let client = try RawClient(port: port)
                try client.write("GET /dashboard/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return (client, try client.response().status)
            }
            var clients: [RawClient] = []
            for _ in 0..<HTTPLimits.maximumStreams {
                let (client, status) = try open()
                #expect(status == 200)
                clients.append(client)
            }
            let refused = try open().1
            #expect(refused == 503)
            clients[0].closeOutput()
            clients.removeFirst()
            var status = 503
            for _ in 0..<1200 where status != 200 {
                usleep(50_000)
                status = try open().1
            }
            #expect(status == 200)
        }
    }

    @Test(arguments: ["HTTP/1.1\r\nHost: localhost\r\nConnection: close", "HTTP/1.0"])
    func aStreamIsServedToWhoeverClosesAfterIt(_ rest: String) async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            try client.write("GET /dashboard/stream \(rest)\r\n\r\n")
            #expect(try client.response().status == 200)
            for _ in 0..<2 { #expect(try client.message()["node"] as? String == "A") }
            // What comes behind it is ignored, and the stream goes on.
            try client.write("garbage\r\n\r\n")
            #expect(try client.message()["node"] as? String == "A")
        }
    }

    @Test func whoGoesBeforeTheFirstMessageLeavesNothingBehind() async throws {
        try await withGateway { _, port in
            for _ in 0..<30 {
                let client = try RawClient(port: port)
                try client.write("GET /dashboard/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
            let observer = try RawClient(port: port)
            var open = 0
            for _ in 0..<1200 {
                let page = try observer.request("GET", "/stats").json["http"] as? [String: Any]
                open = page?["connections"] as? Int ?? -1
                if open == 1 { break }
                usleep(50_000)
            }
            #expect(open == 1)
        }
    }

    /// A name of another site that points here is not this node's.
    @Test func reboundNamesAdministerNothing() async throws {
        try await withGateway { node, port in
            node.change { $0.faults = NetworkFaults() }
            for (path, origin) in [("/admin/faults?cut=B", ""), ("/admin/leave", "Origin: http://evil.example\r\n")] {
                let client = try RawClient(port: port)
                try client.write("POST \(path) HTTP/1.1\r\nHost: evil.example\r\n\(origin)Content-Length: 0\r\n\r\n")
                #expect(try client.response().status == 403)
            }
            #expect(node.actions.isEmpty)
        }
    }

    @Test(arguments: ["text/html", "application/jsonx, text/html", "image/svg+xml"])
    func valuesCannotActAsPagesOfTheNode(_ type: String) async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.request("PUT", "/kv/page", headers: [("Content-Type", type)], body: Array("<script>".utf8))
            let answer = try client.request("GET", "/kv/page")
            #expect(answer.headers["content-type"] == type)
            #expect(answer.headers["content-security-policy"] == "sandbox")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test func onlyPagesOfMembersReadAnotherNode() async throws {
        try await withGateway { _, port in
            let cases: [(origin: String, isAllowed: Bool)] = [
                ("http://127.0.0.1:5000", true), ("http://localhost:5000", true), ("http://evil.example:5000", false),
                ("https://127.0.0.1:5000", false),
            ]
            for (origin, isAllowed) in cases {
                let answer = try RawClient(port: port).request(
                    "GET", "/dashboard/state", headers: [("Origin", origin)])
                #expect(answer.headers["access-control-allow-origin"] == (isAllowed ? origin : nil))
            }
        }
    }

    @Test func eventsAreAPage() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            var events: [[String: Any]] = []
            for _ in 0..<600 where events.count < 2 {
                usleep(100_000)
                events = try client.request("GET", "/events").json["events"] as? [[String: Any]] ?? []
            }
            #expect(events.first?["text"] as? String == "started in epoch 3")
            #expect((events.first?["time"] as? String)?.hasSuffix("Z") == true)
            // Something may happen between the two requests, once.
            var isEmpty = false
            for _ in 0..<5 where !isEmpty {
                let next = try client.request("GET", "/events").json["next"] as? Int ?? 0
                isEmpty =
                    (try client.request("GET", "/events?since=\(next)").json["events"] as? [Any])?.isEmpty == true
            }
            #expect(isEmpty)
        }
    }

    // MARK: Faults

    @Test func faultsAreRefusedByANodeThatWasNotStartedForThem() async throws {
        try await withGateway { _, port in
            let answer = try RawClient(port: port).request("POST", "/admin/faults?cut=B", body: [])
            #expect(answer.status == 409)
            #expect((answer.error["message"] as? String)?.contains("--allow-faults") == true)
        }
    }

    @Test func faultsAreSetAndHealedAndPartOfTheStory() async throws {
        try await withGateway { node, port in
            node.change { $0.faults = NetworkFaults() }
            let client = try RawClient(port: port)
            let cut = try client.request("POST", "/admin/faults?cut=C,B&delay_ms=50", body: [])
            #expect(cut.status == 202, "\(cut.text)")
            let faults = try client.request("GET", "/dashboard/state").json["faults"] as? [String: Any]
            #expect(faults?["cut"] as? [String] == ["B", "C"])
            #expect(faults?["delay_ms"] as? Double == 50)
            #expect(try client.request("POST", "/admin/faults", body: []).status == 202)
            let events = try client.request("GET", "/events").json["events"] as? [[String: Any]]
            let texts = events?.filter { $0["kind"] as? String == "faults" }.compactMap { $0["text"] as? String }
            #expect(texts == ["is cut off from B, C; sends 50 ms late", "has whole links again"])
        }
    }

    @Test(arguments: ["cut=a%20b", "delay_ms=-1", "delay_ms=99999", "cut=B&cut=C", "loss=1"])
    func nonsenseFaultsAreRefused(_ query: String) async throws {
        try await withGateway { node, port in
            node.change { $0.faults = NetworkFaults() }
            let client = try RawClient(port: port)
            #expect(try client.request("POST", "/admin/faults?\(query)", body: []).status == 400)
            #expect(try client.request("GET", "/admin/faults").status == 405)
            let foreign = try client.request(
                "POST", "/admin/faults?cut=B", headers: [("Origin", "http://evil.example")])
            #expect(foreign.status == 403)
        }
    }
}

extension RawClient {
    /// The next message of a stream of server-sent events.
    fileprivate func message() throws -> [String: Any] {
        let text = String(decoding: try readThrough(Array("\n\n".utf8)), as: UTF8.self)
        guard text.hasPrefix("data: ") else { throw ClientFailure("no message: \(text.prefix(80))") }
        let data = Data(text.dropFirst("data: ".count).utf8)
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}
