import Gateways
import Logging
import NIOCore
import NIOPosix
import StatorCore

/// Runs a test against a RESP gateway that listens on a port of its own.
func withRESP(
    conditional: Bool = true, adjust: (inout RESPSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (FakeNode, Int) throws -> Void
) async throws {
    let node = FakeNode()
    let http = HTTPSettings(
        host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), effectiveConfiguration: "{}", version: "1.2.3")
    var settings = RESPSettings(
        host: "127.0.0.1", port: 0, maximumValue: ByteCount(1 << 20), allowsConditional: conditional)
    adjust(&settings)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let web = HTTPGateway(port: node, settings: http, group: group, logger: Logger(label: "test"))
    let gateway = RESPGateway(settings: settings, beside: web)
    _ = try await web.start()
    let port = try await gateway.start()
    let outcome: Result<Void, any Error>
    do {
        try await blocking { try body(node, port) }
        outcome = .success(())
    } catch {
        outcome = .failure(error)
    }
    await gateway.stop()
    await web.stop()
    try await group.shutdownGracefully()
    try outcome.get()
}

extension RawClient {
    /// Sends words as an array and reads as many lines as asked.
    func call(_ words: String..., lines: Int = 1) throws -> String {
        try write("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
        return try read(lines)
    }

    func read(_ lines: Int) throws -> String {
        var text = ""
        for _ in 0..<lines { text += String(decoding: try readThrough(Array("\r\n".utf8)), as: UTF8.self) }
        return text
    }
}
