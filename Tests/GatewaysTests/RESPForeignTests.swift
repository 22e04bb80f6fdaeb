import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import StatorCore
import Testing

@testable import Gateways

/// A page in a browser that has its request's body carried out as commands (cross-protocol scripting).
@Suite struct RESPForeignTests {
    private static let post =
        "POST / HTTP/1.1\r\nHost: localhost:6400\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nSET evil 1\r\n"

    /// Keeps the messages of a log.
    private struct Listening: LogHandler {
        let messages: NIOLockedValueBox<[String]>
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            messages.withLockedValue { $0.append("\(event.level) \(event.message)") }
        }
    }

    /// One gateway's connections on a loop whose time the test moves.
    private final class Bench {
        let node = FakeNode()
        let eventLoop = EmbeddedEventLoop()
        let messages = NIOLockedValueBox<[String]>([])
        private let core: RESPCore
        private let loop: GatewayLoop

        init() {
            let messages = messages
            let http = GatewayCore(
                port: node,
                settings: HTTPSettings(
                    host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), effectiveConfiguration: "{}",
                    version: "1"),
                logger: Logger(label: "test") { _ in Listening(messages: messages) })
            core = RESPCore(
                settings: RESPSettings(
                    host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), allowsConditional: false),
                beside: http)
            loop = GatewayLoop(core: http, eventLoop: eventLoop)
        }

        /// - Returns: what was answered to the parts, and whether the connection is open.
        func send(_ parts: [String]) throws -> (answer: String, isOpen: Bool) {
            let channel = EmbeddedChannel(handler: RESPConnection(loop: loop, core: core), loop: eventLoop)
            try channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            for part in parts where channel.isActive {
                try channel.writeInbound(ByteBuffer(string: part))
                eventLoop.run()
            }
            var answer = ""
            while let part = try channel.readOutbound(as: ByteBuffer.self) { answer += String(buffer: part) }
            let isOpen = channel.isActive
            _ = try channel.finish(acceptAlreadyClosed: true)
            return (answer, isOpen)
        }
    }

    @Test func aPostIsClosedUnansweredHoweverItIsCut() throws {
        let bytes = Array(Self.post.utf8)
        for cut in 1..<bytes.count {
            let bench = Bench()
            let parts = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
            let (answer, isOpen) = try bench.send(parts)
            #expect(!isOpen && answer.isEmpty, "cut at \(cut): \(answer)")
            #expect(bench.node.requests.isEmpty, "cut at \(cut): the body was carried out")
        }
    }

    @Test(arguments: [
        "post / HTTP/1.1\r\nSET evil 1\r\n", "*1\r\n$4\r\nPoSt\r\nSET evil 1\r\n", "Host: a\r\nSET evil 1\r\n",
        "PUT / HTTP/1.1\r\nhost: a\r\nSET evil 1\r\n", "GET / HTTP/1.1\r\nHOST: a\r\nSET evil 1\r\n",
    ])
    func aRequestLineWithABodyOrAHostEndsTheConnection(_ bytes: String) throws {
        let bench = Bench()
        #expect(try !bench.send([bytes]).isOpen)
        #expect(bench.node.requests.isEmpty)
    }

    @Test func otherWordsThatAreNoCommandsAreErrorsOnly() throws {
        let bench = Bench()
        let (answer, isOpen) = try bench.send(["posts\r\nhost\r\nPING\r\n"])
        #expect(isOpen)
        #expect(answer.hasSuffix("+PONG\r\n") && answer.hasPrefix("-ERR"), "\(answer)")
    }

    @Test func anAttackIsLoggedOnceAMinute() throws {
        let bench = Bench()
        for _ in 0..<5 { _ = try bench.send([Self.post]) }
        #expect(bench.messages.withLockedValue { $0.count } == 1)
        bench.eventLoop.advanceTime(by: .seconds(59))
        _ = try bench.send([Self.post])
        #expect(bench.messages.withLockedValue { $0.count } == 1)
        bench.eventLoop.advanceTime(by: .seconds(1))
        _ = try bench.send([Self.post])
        let messages = bench.messages.withLockedValue { $0 }
        #expect(messages.count == 2)
        #expect(messages.allSatisfy { $0.hasPrefix("warning possible attack") }, "\(messages)")
    }

    @Test func aPostOverASocketIsClosedAndOthersAreServed() async throws {
        try await withRESP { node, port in
            let page = try RawClient(port: port)
            try page.write(Self.post)
            // With something of it unread the end is a reset.
            do {
                #expect(try page.isClosed())
            } catch let failure as ClientFailure {
                #expect("\(failure)".contains("errno \(ECONNRESET)"), "\(failure)")
            }
            #expect(node.requests.isEmpty)
            let client = try RawClient(port: port)
            #expect(try client.call("GET", "evil") == "$-1\r\n")
        }
    }
}
