import ConflictResolution
import Foundation
import Gateways
import Logging
import NIOCore
import NIOPosix
import Replication
import StatorCore
import Testing

@Suite struct RESPCommandTests {
    @Test func valuesAreStoredReadAndDeleted() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            #expect(try client.call("PING") == "+PONG\r\n")
            #expect(try client.call("GET", "k") == "$-1\r\n")
            #expect(try client.call("SET", "k", "hello") == "+OK\r\n")
            #expect(try client.call("get", "k", lines: 2) == "$5\r\nhello\r\n")
            #expect(try client.call("STRLEN", "k") == ":5\r\n")
            #expect(try client.call("MSET", "a", "1", "b", "2") == "+OK\r\n")
            #expect(try client.call("MGET", "a", "none", "b", lines: 6) == "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n")
            #expect(try client.call("EXISTS", "a", "a", "none") == ":2\r\n")
            #expect(try client.call("DEL", "a", "none") == ":1\r\n")
            #expect(try client.call("GET", "a") == "$-1\r\n")
            #expect(try client.call("TTL", "k") == ":-1\r\n")
            #expect(try client.call("TTL", "a") == ":-2\r\n")
        }
    }

    @Test func conditionalCommandsAreChecksOrRefused() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            #expect(try client.call("SET", "k", "1", "NX") == "+OK\r\n")
            #expect(try client.call("SET", "k", "2", "NX") == "$-1\r\n")
            #expect(try client.call("SET", "none", "2", "XX") == "$-1\r\n")
            #expect(try client.call("SETNX", "k", "2") == ":0\r\n")
            #expect(try client.call("INCR", "k") == ":2\r\n")
            #expect(try client.call("DECRBY", "k", "12") == ":-10\r\n")
            #expect(try client.call("INCRBYFLOAT", "k", "0.5", lines: 2) == "$4\r\n-9.5\r\n")
            #expect(try client.call("APPEND", "k", "!") == ":5\r\n")
            #expect(try client.call("INCR", "k") == "-ERR value is not an integer or out of range\r\n")
            #expect(try client.call("SET", "k", "new", "GET", lines: 2) == "$5\r\n-9.5!\r\n")
            #expect(try client.call("GETDEL", "k", lines: 2) == "$3\r\nnew\r\n")
            #expect(try client.call("SET", "n", "\(Int.max)") == "+OK\r\n")
            #expect(try client.call("INCR", "n") == "-ERR increment or decrement would overflow\r\n")
        }
        try await withRESP(conditional: false) { _, port in
            let client = try RawClient(port: port)
            #expect(try client.call("INCR", "k").hasPrefix("-ERR a command that looks before it writes"))
            #expect(try client.call("SET", "k", "1", "NX").hasPrefix("-ERR a command that looks before it writes"))
            #expect(try client.call("SET", "k", "1") == "+OK\r\n")
        }
    }

    @Test func whatCannotBeHonouredIsRefused() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            #expect(try client.call("SET", "k", "1", "EX", "10").contains("expiry is not supported"))
            #expect(try client.call("EXPIRE", "k", "10").contains("expiry is not supported"))
            #expect(try client.call("FLUSHALL").hasPrefix("-ERR "))
            #expect(try client.call("MULTI").hasPrefix("-ERR "))
            #expect(try client.call("SELECT", "1").hasPrefix("-ERR "))
            #expect(try client.call("GET").hasPrefix("-ERR wrong number of arguments for 'get'"))
            #expect(try client.call("NOSUCH", "a").hasPrefix("-ERR unknown command 'NOSUCH'"))
            #expect(try client.call("GET", "").hasPrefix("-ERR a key needs at least one byte"))
            #expect(try client.call("SET", "k", "1", "BAD") == "-ERR syntax error\r\n")
        }
    }

    @Test func contextsResolveSiblings() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            _ = try client.call("STATOR.PUT", "k", "one", "CONTEXT", "NONE", lines: 2)
            _ = try client.call("STATOR.PUT", "k", "two", "CONTEXT", "NONE", lines: 2)
            #expect(try client.call("GET", "k").hasPrefix("-SIBLINGS 2 "))
            let reading = try client.call("STATOR.GET", "k", "R", "quorum", lines: 8)
            #expect(reading.contains("\r\none\r\n") && reading.contains("\r\ntwo\r\n"))
            let context = reading.components(separatedBy: "\r\n")[2]
            _ = try client.call("STATOR.PUT", "k", "both", "CONTEXT", context, "W", "1", lines: 2)
            #expect(try client.call("GET", "k", lines: 2) == "$4\r\nboth\r\n")
            #expect(try client.call("STATOR.GET", "never", lines: 3) == "*2\r\n$-1\r\n*0\r\n")
        }
    }

    @Test func failuresHaveCodes() async throws {
        try await withRESP { node, port in
            let client = try RawClient(port: port)
            for (error, line) in [
                (ClientError.quorumUnmet(answered: 1, needed: 2), "-NOQUORUM need 2 got 1"),
                (.timedOut(answered: 1, needed: 2), "-TIMEOUT need 2 got 1"), (.outcomeUnknown, "-UNKNOWN outcome"),
                (.overloaded, "-OVERLOADED "),
                (.unavailable("the node is stopping"), "-UNAVAILABLE the node is stopping"),
            ] {
                node.script { _ in .failed(error) }
                #expect(try client.call("SET", "k", "v").hasPrefix(line))
            }
        }
    }

    @Test func protocolThreeHasNullsAndMapsOfItsOwn() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            let hello = try client.call("HELLO", "3", lines: 1)
            #expect(hello == "%7\r\n")
            _ = try client.read(25)
            #expect(try client.call("GET", "k") == "_\r\n")
            #expect(try client.call("HELLO", "4") == "-NOPROTO unsupported protocol version\r\n")
        }
    }

    @Test func repliesKeepTheOrderOfPipelinedCommands() async throws {
        try await withRESP { node, port in
            // Later ones are answered before earlier ones.
            node.delayReplies { request in String(buffer: request.key.bytes) == "slow" ? 50_000 : 0 }
            let client = try RawClient(port: port)
            var text = "SET slow 1\r\nSET a 2\r\nSET b 3\r\nGET slow\r\nPING\r\nGET b\r\n"
            text += (0..<200).map { "SET k\($0) \($0)\r\nGET k\($0)\r\n" }.joined()
            try client.write(text)
            #expect(try client.read(8) == "+OK\r\n+OK\r\n+OK\r\n$1\r\n1\r\n+PONG\r\n$1\r\n3\r\n")
            for number in 0..<200 {
                // A connection reads what it wrote just before.
                #expect(try client.read(3) == "+OK\r\n$\(String(number).utf8.count)\r\n\(number)\r\n")
            }
        }
    }

    @Test func aProtocolErrorIsSaidAndEndsTheConnectionAlone() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            let other = try RawClient(port: port)
            try client.write("PING\r\n*1\r\n!")
            #expect(try client.read(2) == "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n")
            #expect(try client.isClosed())
            #expect(try other.call("PING") == "+PONG\r\n")
            #expect(try other.call("QUIT") == "+OK\r\n")
            #expect(try other.isClosed())
        }
    }

    /// More than the channel takes at once: its writability changes within the write.
    @Test func largeRepliesAreSentOnce() async throws {
        try await withRESP { node, port in
            let value = ByteBuffer(repeating: UInt8(ascii: "v"), count: 700 << 10)
            node.script { _ in .value(Content(form: .raw, bytes: value)) }
            let client = try RawClient(port: port)
            for words in [["GET", "k"], ["MGET", "a", "b", "c"]] {
                try client.write("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
                if words.count > 2 { #expect(try client.read(1) == "*3\r\n") }
                for _ in words.dropFirst() {
                    #expect(try client.read(1) == "$716800\r\n")
                    #expect(try client.readThrough(Array("v\r\n".utf8)).count == 716_802)
                }
                #expect(try client.call("PING") == "+PONG\r\n")
            }
        }
    }

    /// Many values that nobody takes: the rest is not asked for.
    @Test func anMGETThatNobodyReadsIsHeld() async throws {
        try await withRESP { node, port in
            let value = ByteBuffer(repeating: UInt8(ascii: "v"), count: 256 << 10)
            node.script { _ in .value(Content(form: .raw, bytes: value)) }
            let client = try RawClient(port: port)
            try client.write("MGET " + (0..<2000).map { "k\($0)" }.joined(separator: " ") + "\r\n")
            usleep(500_000)
            #expect(node.requests.count < 500)
        }
    }

    @Test func formsChangeBehindWhatWasAskedBefore() async throws {
        try await withRESP { node, port in
            node.delayReplies { _ in 20_000 }
            let client = try RawClient(port: port)
            try client.write("GET none\r\nHELLO 3\r\nGET none\r\n")
            #expect(try client.read(1) == "$-1\r\n")
            _ = try client.read(26)
            #expect(try client.read(1) == "_\r\n")
        }
    }

    @Test func aClientThatStopsSendingGetsItsReplies() async throws {
        try await withRESP { _, port in
            let client = try RawClient(port: port)
            try client.write("PING\r\nSET k v\r\nGET k\r\nECHO half")
            client.closeOutput()
            #expect(try client.read(4) == "+PONG\r\n+OK\r\n$1\r\nv\r\n")
            #expect(try client.isClosed())
        }
    }

    @Test func tooManyConnectionsAreTold() async throws {
        try await withRESP(adjust: { $0.maximumConnections = 1 }) { _, port in
            let client = try RawClient(port: port)
            #expect(try client.call("PING") == "+PONG\r\n")
            let refused = try RawClient(port: port)
            #expect(try refused.read(1) == "-ERR max number of clients reached\r\n")
            #expect(try refused.isClosed())
            #expect(try client.call("PING") == "+PONG\r\n")
        }
    }

    /// Replies of 256 KiB that nobody takes: the node is asked for some of them, not for all.
    @Test func aSlowReaderHoldsABoundedAmount() async throws {
        try await withRESP { node, port in
            let value = ByteBuffer(repeating: UInt8(ascii: "v"), count: 256 << 10)
            node.script { _ in .value(Content(form: .raw, bytes: value)) }
            let client = try RawClient(port: port)
            try client.write(String(repeating: "GET k\r\n", count: 4000))
            usleep(500_000)
            #expect(node.requests.count < 500)
            let other = try RawClient(port: port)
            #expect(try other.call("PING") == "+PONG\r\n")
        }
    }
}
