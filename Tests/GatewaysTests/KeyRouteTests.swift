import ConflictResolution
import Foundation
import NIOCore
import Replication
import StatorCore
import Testing

@Suite struct KeyRouteTests {
    @Test func theTwoCommandsOfTheManualWork() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let stored = try client.putJSON("/kv/mykey", "{\"value\":\"hello\"}")
            #expect(stored.status == 201)
            #expect(stored.json["key"] as? String == "mykey")
            #expect(stored.json["status"] as? String == "stored")
            #expect(stored.json["node"] as? String == "A")
            #expect(stored.headers["x-stator-node"] == "A")
            let read = try client.request("GET", "/kv/mykey")
            #expect(read.status == 200)
            #expect(read.json["value"] as? String == "hello")
            #expect(read.json["context"] as? String == read.headers["x-stator-context"])
            #expect(read.headers["etag"] == "\"\(read.headers["x-stator-context"] ?? "")\"")
            #expect((read.json["version"] as? [String: Any])?["dot"] != nil)
            #expect(try client.putJSON("/kv/mykey", "{\"value\":2}").status == 200)
        }
    }

    @Test(arguments: ["1.0", "12345678901234567890", "{\"b\":1, \"a\":[ 1e2 ]}", "\"\\u0041\"", "null"])
    func jsonComesBackLetterByLetter(_ text: String) async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.putJSON("/kv/k", "{ \"value\" : \(text) }")
            #expect(try client.request("GET", "/kv/k").text.contains("\"value\":\(text),"))
            let raw = try client.request("GET", "/kv/k", headers: [("Accept", "application/octet-stream")])
            #expect(raw.text == text)
            #expect(raw.headers["content-type"] == "application/octet-stream")
        }
    }

    @Test func rawValuesKeepTheirBytesAndType() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let bytes = (0...255).map { UInt8($0) }
            let stored = try client.request("PUT", "/kv/r", headers: [("Content-Type", "image/png")], body: bytes)
            #expect(stored.status == 201)
            let read = try client.request("GET", "/kv/r")
            #expect(read.body == bytes)
            #expect(read.headers["content-type"] == "image/png")
            _ = try client.request("PUT", "/kv/plain", body: [])
            let plain = try client.request("GET", "/kv/plain")
            #expect(plain.status == 200 && plain.body.isEmpty)
            #expect(plain.headers["content-type"] == "application/octet-stream")
        }
    }

    @Test func keysArePercentDecodedBytes() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            for (written, key) in [
                ("a%2Fb", Array("a/b".utf8)), ("a/b/c", Array("a/b/c".utf8)), ("%00%FF", [0, 0xFF]),
                ("a+b", Array("a+b".utf8)), ("x%2Fexplain", Array("x/explain".utf8)),
                ("explain", Array("explain".utf8)),
                ("%C3%A9", Array("é".utf8)), ("%3F%23", Array("?#".utf8)),
            ] {
                _ = try client.putJSON("/kv/\(written)", "{\"value\":1}")
                #expect(node.requests.last?.key.bytes == ByteBuffer(bytes: key))
            }
            let binary = try client.request("GET", "/kv/%00%FF")
            #expect(binary.json["key"] as? String == "0x00ff")
            #expect(binary.json["key_base64"] as? String == "AP8=")
        }
    }

    @Test func concurrentVersionsAreSiblingsUntilTheContextResolvesThem() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.putJSON("/kv/s", "{\"value\":1}")
            _ = try client.request(
                "PUT", "/kv/s", headers: [("X-Stator-Context", "none"), ("Content-Type", "text/plain")], body: [0xFF])
            let read = try client.request("GET", "/kv/s")
            #expect(read.status == 300)
            let siblings = read.json["siblings"] as? [[String: Any]]
            #expect(siblings?.count == 2)
            #expect(siblings?[0]["value"] as? Int == 1)
            #expect(siblings?[1]["value_base64"] as? String == "/w==")
            #expect(siblings?[1]["content_type"] as? String == "text/plain")
            let context = read.headers["x-stator-context"] ?? ""
            #expect(read.json["context"] as? String == context)
            let resolved = try client.putJSON("/kv/s", "{\"value\":3,\"context\":\"\(context)\"}")
            #expect(resolved.status == 200)
            #expect(try client.request("GET", "/kv/s").status == 200)
        }
    }

    @Test func deletedKeysAreNotFoundButHaveAContext() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let never = try client.request("GET", "/kv/d")
            #expect(never.status == 404 && never.errorCode == "not_found")
            #expect(never.headers["x-stator-context"] == nil)
            _ = try client.putJSON("/kv/d", "{\"value\":1}")
            let deleted = try client.request("DELETE", "/kv/d")
            #expect(deleted.status == 200 && deleted.json["status"] as? String == "deleted")
            let read = try client.request("GET", "/kv/d")
            #expect(read.status == 404)
            #expect(read.headers["x-stator-context"] != nil)
            #expect(read.json["context"] as? String == read.headers["x-stator-context"])
        }
    }

    @Test func preconditionsAreChecked() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let absent = ("If-None-Match", "*")
            #expect(try client.putJSON("/kv/p", "{\"value\":1}", headers: [absent]).status == 201)
            let again = try client.putJSON("/kv/p", "{\"value\":1}", headers: [absent])
            #expect(again.status == 412 && again.errorCode == "precondition_failed")
            let tag = try client.request("GET", "/kv/p").headers["etag"] ?? ""
            #expect(try client.request("GET", "/kv/p", headers: [("If-None-Match", tag)]).status == 304)
            #expect(try client.putJSON("/kv/p", "{\"value\":2}", headers: [("If-Match", tag)]).status == 200)
            #expect(try client.putJSON("/kv/p", "{\"value\":3}", headers: [("If-Match", tag)]).status == 412)
            #expect(try client.request("DELETE", "/kv/p", headers: [("If-Match", tag)]).status == 412)
        }
    }

    @Test func headIsGetWithoutTheBody() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            _ = try client.putJSON("/kv/h", "{\"value\":1}")
            let get = try client.request("GET", "/kv/h")
            let head = try client.request("HEAD", "/kv/h")
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == get.headers["content-length"])
            #expect(try client.request("HEAD", "/kv/none").status == 404)
            #expect(try client.request("GET", "/kv/h").status == 200)
        }
    }

    @Test func queryParametersReachTheNode() async throws {
        try await withGateway { node, port in
            let client = try RawClient(port: port)
            _ = try client.request("GET", "/kv/q?r=one&w=all&timeout_ms=250&sloppy=false")
            #expect(
                node.requests.last?.options
                    == RequestOptions(
                        readQuorum: .number(1), writeQuorum: .all, timeout: .milliseconds(250), isSloppy: false))
            _ = try client.request("GET", "/kv/q?r=2&w=quorum")
            #expect(node.requests.last?.options == RequestOptions(readQuorum: .number(2), writeQuorum: .quorum))
        }
    }

    @Test func explainShowsWhereAKeyLives() async throws {
        try await withGateway { _, port in
            let client = try RawClient(port: port)
            let page = try client.request("GET", "/kv/e/explain?timeout_ms=100")
            #expect(page.status == 200)
            #expect(page.json["key"] as? String == "e")
            #expect(page.json["preference_list"] as? [String] == ["A", "B", "C"])
            let replicas = page.json["replicas"] as? [[String: Any]]
            #expect(replicas?[0]["hints_for"] as? [String] == ["B"])
            #expect(replicas?[0]["last_repair"] as? String == "2023-11-14T22:13:20.123456Z")
            #expect(replicas?[1]["answered"] as? Bool == false)
        }
    }
}
