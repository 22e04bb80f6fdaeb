import Checking
import NIOCore
import NodeClient
import StatorCore
import Testing

@testable import BenchKit

@Suite struct DialectTests {
    private let http = HTTPDialect([NodeURL(host: "127.0.0.1", port: 5000)])

    private func text(_ operation: HistoryOperation, _ dialect: any StoreDialect, bytes: Int = 16) -> String {
        var buffer = ByteBuffer()
        dialect.encode(operation, node: 0, valueBytes: bytes, into: &buffer)
        return String(buffer: buffer)
    }

    private func operation(_ kind: HistoryOperation.Kind, _ key: String = "k1") -> HistoryOperation {
        HistoryOperation(id: 7, client: 0, kind: kind, key: key, value: kind == .write ? "v7" : nil, start: 0, end: 0)
    }

    @Test func requestsAreWrittenAsTheInterfaceSays() {
        let tail = " HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nUser-Agent: stator-bench\r\n"
        #expect(text(operation(.read), http) == "GET /kv/k1\(tail)\r\n")
        #expect(text(operation(.read, "a b/é~"), http) == "GET /kv/a%20b%2F%C3%A9~\(tail)\r\n")
        let typed = "Content-Type: application/octet-stream\r\nContent-Length: 16\r\n\r\nv7.-------------"
        #expect(text(operation(.write), http) == "PUT /kv/k1\(tail)\(typed)")
        var sibling = operation(.write)
        sibling.basis = .none
        #expect(text(sibling, http) == "PUT /kv/k1\(tail)X-Stator-Context: none\r\n\(typed)")
        var delete = operation(.delete)
        (delete.basis, delete.context) = (.context, "abc=")
        #expect(text(delete, http) == "DELETE /kv/k1\(tail)X-Stator-Context: abc=\r\n\r\n")
        #expect(text(operation(.write), http, bytes: 0).hasSuffix("Content-Length: 2\r\n\r\nv7"))
    }

    @Test func answersAreReadWhereverTheyAreCut() throws {
        let whole =
            "HTTP/1.1 200 OK\r\nX-STATOR-NODE:  A \r\nContent-Length: 16\r\nX-Stator-Context: ab=\r\n"
            + "Content-Type: application/octet-stream\r\n\r\nv1.-------------"
            + "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
            + #"{"error":{"code":"not_found"}}"#
        for cut in 0...whole.utf8.count {
            var buffer = ByteBuffer(bytes: Array(whole.utf8).prefix(cut))
            var answers: [StoreAnswer] = []
            while let answer = try http.decode(&buffer) { answers.append(answer) }
            buffer.writeBytes(Array(whole.utf8).dropFirst(cut))
            while let answer = try http.decode(&buffer) { answers.append(answer) }
            #expect(buffer.readableBytes == 0)
            try #require(answers.count == 2)
            var read = operation(.read)
            answers[0].conclude(&read)
            #expect(read.outcome == .ok && read.values == ["v1"] && read.resultContext == "ab=")
            #expect(answers[0].nodeName == "A" && !answers[0].closes && answers[1].closes)
            answers[1].conclude(&read)
            #expect(read.outcome == .ok && read.values == [])
        }
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "nonsense that goes on\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
        String(repeating: "x", count: 70_000),
    ])
    func whatIsNoAnswerIsRefused(_ text: String) {
        var buffer = ByteBuffer(string: text)
        #expect(throws: AnswerFormatError.self) { try http.decode(&buffer) }
    }

    @Test func noBytesTrapTheReaders() {
        var random = RandomGenerator(seed: 5)
        let parts = [
            "HTTP/1.1 ", "200", " OK", "\r\n", "Content-Length", ": ", "3", "\r\n\r\n", "$", "-1", "+", "a", "\n",
        ]
        for _ in 0..<20_000 {
            let text = (0..<random.below(12)).map { _ in parts[random.below(parts.count)] }.joined()
            for dialect: any StoreDialect in [http, RESPDialect()] {
                var buffer = ByteBuffer(string: text)
                while let answer = try? dialect.decode(&buffer) {
                    var write = operation(.write)
                    answer.conclude(&write)
                }
            }
        }
    }

    @Test func namesAreFoundInShownValues() {
        #expect(LoadValue.name(of: "v12.---") == "v12")
        #expect(LoadValue.name(of: "v12") == "v12")
        #expect(LoadValue.name(of: "djEuLS0tLS0tLS0tLS0tLQ==") == "v1")
        #expect(LoadValue.name(of: "dog") == "dog")
        #expect(LoadValue.name(of: String(repeating: "x", count: 1000)).count == LoadLimits.foreignValueLength)
    }

    @Test func newKeysAreReadOnceTheirInsertsAreAnswered() {
        var frontier = KeyFrontier()
        #expect([frontier.begin(), frontier.begin(), frontier.begin()] == [0, 1, 2])
        #expect(frontier.count == 0)
        frontier.end(1)
        #expect(frontier.count == 0)
        frontier.end(0)
        #expect(frontier.count == 2)
        frontier.end(2)
        #expect(frontier.count == 3)
    }

    // MARK: RESP

    private let resp = RESPDialect()

    @Test func commandsOfRESPAreWritten() {
        #expect(text(operation(.read, "é"), resp) == "*2\r\n$3\r\nGET\r\n$2\r\né\r\n")
        #expect(text(operation(.delete), resp) == "*2\r\n$3\r\nDEL\r\n$2\r\nk1\r\n")
        #expect(text(operation(.write), resp) == "*3\r\n$3\r\nSET\r\n$2\r\nk1\r\n$16\r\nv7.-------------\r\n")
    }

    @Test func repliesOfRESPConcludeOperations() throws {
        func outcome(_ reply: String, _ kind: HistoryOperation.Kind) throws -> HistoryOperation {
            for cut in 0..<reply.utf8.count {
                var part = ByteBuffer(bytes: Array(reply.utf8).prefix(cut))
                let early = try resp.decode(&part)
                #expect(early.map { _ in true } == nil)
            }
            var buffer = ByteBuffer(string: reply)
            var concluded = operation(kind)
            try #require(try resp.decode(&buffer)).conclude(&concluded)
            return concluded
        }
        #expect(try outcome("$5\r\nv7.--\r\n", .read).values == ["v7"])
        #expect(try outcome("$-1\r\n", .read).values == [])
        #expect(try outcome("+OK\r\n", .write).outcome == .ok)
        #expect(try outcome(":1\r\n", .delete).outcome == .ok)
        #expect(try outcome("-READONLY no\r\n", .write).outcome == .failed)
        #expect(try outcome("-NOQUORUM need 2 got 1\r\n", .write).outcome == .unknown)
        #expect(try outcome("-NOQUORUM need 2 got 1\r\n", .read).outcome == .failed)
        #expect(try outcome("-NOQUORUM need 2 got 1\r\n", .read).error == "NOQUORUM")
        #expect(throws: AnswerFormatError.self) { try outcome("*1\r\n", .read) }
    }
}
