import Testing

extension EndToEnd {
    /// The HTTP interface as the documentation shows it.
    @Suite struct ClientInterface {
        @Test func documentedCurlLinesWorkAsTheyStand() throws {
            let curl = try #require(Binaries.system("curl"), "curl is not installed")
            try withCluster { cluster in
                func call(_ arguments: [String]) throws -> (status: String, page: JSON) {
                    let format = ["-s", "-w", "\n%{http_code}"]
                    let ended = try ChildProcess.run([curl] + format + arguments)
                    var lines = ended.output.split(separator: "\n")
                    let status = String(lines.popLast() ?? "")
                    return (status, try JSON(Array(lines.joined(separator: "\n").utf8)))
                }
                let port = cluster["A"].client.port
                let put = [
                    "-X", "PUT", "localhost:\(port)/kv/mykey", "-H", "Content-Type: application/json", "-d",
                    #"{"value":"hello"}"#,
                ]
                let first = try call(put)
                #expect(first.status == "201")
                #expect(first.page["key"].text == "mykey")
                #expect(first.page["status"].text == "stored")
                #expect(["A", "B", "C", "D"].contains(first.page["node"].text))
                #expect(first.page["context"].text?.isEmpty == false)
                #expect(first.page.names == ["context", "key", "node", "status"])
                #expect(try call(put).status == "200")

                for node in cluster.nodes {
                    let found = try call(["localhost:\(node.client.port)/kv/mykey"])
                    #expect(found.status == "200")
                    #expect(found.page["value"].text == "hello")
                    #expect(found.page.names == ["context", "key", "value", "version"])
                }
                let deleted = try call(["-X", "DELETE", "localhost:\(cluster["B"].client.port)/kv/mykey"])
                #expect(deleted.status == "200")
                for node in cluster.nodes {
                    let missing = try call(["localhost:\(node.client.port)/kv/mykey"])
                    #expect(missing.status == "404")
                    #expect(missing.page["context"].text?.isEmpty == false)
                }
            }
        }

        @Test func siblingsAreAnsweredWith300AndResolvedByTheirContext() throws {
            try withCluster { cluster in
                let a = cluster["A"].client
                let b = cluster["B"].client
                #expect(try a.put("cart", "book", context: "none").status == 201)
                #expect(try b.put("cart", "pen", context: "none").isStored)
                let both = try cluster["C"].client.get("cart", query: "r=all")
                #expect(both.status == 300)
                #expect(try both.values() == ["book", "pen"])
                let context = try #require(both.context)
                #expect(try both.json()["context"].text == context)

                #expect(try cluster["D"].client.put("cart", "book and pen", context: context).status == 200)
                for node in cluster.nodes {
                    let found = try node.client.get("cart", query: "r=all")
                    #expect(found.status == 200)
                    #expect(try found.values() == ["book and pen"])
                }
                // The same context again: concurrent with what it has not seen.
                #expect(try a.put("cart", "too late", context: context).isStored)
                #expect(try b.get("cart", query: "r=all").status == 300)
            }
        }

        @Test func rawValuesComeBackByteForByte() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let key = "/kv/folder/%C3%A4%00%2F"
                let stored = try cluster["A"].client.send(
                    "PUT", key, headers: ["Content-Type": "image/png"], body: bytes)
                #expect(stored.status == 201)
                let found = try cluster["B"].client.send("GET", key)
                #expect(found.status == 200)
                #expect(found.header("content-type") == "image/png")
                let isSame = found.body == bytes
                #expect(isSame)
                let json = try cluster["C"].client.put("text", "in quotes")
                #expect(json.status == 201)
                let raw = try cluster["A"].client.send(
                    "GET", "/kv/text", headers: ["Accept": "application/octet-stream"])
                #expect(raw.text == #""in quotes""#)
            }
        }

        @Test func badInputIsRefusedWithItsStatus() throws {
            try withCluster(["A", "B", "C"], settings: ["replication.maximumValueBytes": 100_000]) { cluster in
                let client = cluster["A"].client
                let json = ["Content-Type": "application/json"]
                func status(
                    _ method: String, _ target: String, _ body: String? = nil, _ headers: [String: String] = [:]
                ) throws -> Int {
                    let answer = try client.send(method, target, headers: headers, body: body.map { Array($0.utf8) })
                    if answer.status >= 400 { #expect(try answer.json()["error"]["code"].text != nil, "\(answer)") }
                    return answer.status
                }
                let longKey = String(repeating: "k", count: 1025)
                let large = String(repeating: "v", count: 100_001)
                #expect(try status("PUT", "/kv/x", #"{"value":"#, json) == 400)
                #expect(try status("PUT", "/kv/x", #"{"other":1}"#, json) == 400)
                #expect(try status("PUT", "/kv/x", "", json) == 400)
                #expect(try status("PUT", "/kv/x", #"{"value":1} trailing"#, json) == 400)
                #expect(try status("PUT", "/kv/x", #"{"value":1,"context":"%%"}"#, json) == 400)
                #expect(try status("PUT", "/kv/\(longKey)", "v") == 414)
                #expect(try status("GET", "/kv/\(longKey)") == 414)
                #expect(try status("PUT", "/kv/x", large) == 413)
                #expect(try status("PUT", "/kv/x", #"{"value":"\#(large)"}"#, json) == 413)
                #expect(try status("GET", "/nothing/here") == 404)
                #expect(try status("POST", "/admin/nothing", "") == 404)
                #expect(try status("POST", "/kv/x", "v") == 405)
                #expect(try status("PUT", "/stats", "v") == 405)
                #expect(try status("GET", "/admin/join") == 405)
                #expect(try status("GET", "/kv/x?colour=red") == 400)
                #expect(try status("GET", "/kv/x?r=4") == 400)
                #expect(try status("PUT", "/kv/x?w=4", "v") == 400)
                #expect(try status("GET", "/kv/x?r=0") == 400)
                #expect(try status("GET", "/kv/x?r=two") == 400)
                #expect(try status("GET", "/kv/%zz") == 400)
                #expect(try status("PUT", "/kv/x", "v", ["X-Stator-Context": "not base64!"]) == 400)
                #expect(try status("PUT", "/kv/x", "v", ["X-Stator-Context": "AAECAwQF"]) == 400)
                #expect(try status("GET", "/kv/never-written") == 404)
                #expect(try status("PUT", "/kv/x", "v", ["If-Match": #""AAECAwQF""#]) >= 400)

                #expect(try status("GET", "/kv/x") == 404, "nothing refused may have been stored")
                #expect(try client.put("x", "v").status == 201)
                let again = try client.send("PUT", "/kv/x", headers: ["If-None-Match": "*"], body: Array("w".utf8))
                #expect(again.status == 412)
            }
        }

        @Test func everyPageIsServedByEveryNode() throws {
            try withCluster(["A", "B", "C"]) { cluster in
                for node in cluster.nodes {
                    for path in [
                        "/", "/stats", "/ring", "/ring?partitions=true", "/gossip", "/merkle", "/sync", "/health",
                        "/ready", "/config",
                    ] {
                        let page = try node.client.page(path)
                        #expect(!page.names.isEmpty, "\(path) at \(node.name)")
                    }
                    let metrics = try node.client.send("GET", "/metrics")
                    #expect(metrics.status == 200)
                    #expect(metrics.text.contains("stator_ready 1"))
                    let members = try node.client.page("/gossip")["members"].elements
                    #expect(members.compactMap { $0["node"].text } == ["A", "B", "C"])
                }
            }
        }
    }
}
