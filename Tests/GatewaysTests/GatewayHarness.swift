import Foundation
import Gateways
import Logging
import NIOCore
import NIOPosix
import Replication
import StatorCore

/// Runs a test against a gateway that listens on a port of its own.
func withGateway(
    maximumValue: Int = 1 << 20, adjust: (inout HTTPSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (FakeNode, Int) throws -> Void
) async throws {
    let node = FakeNode()
    var settings = HTTPSettings(
        host: "127.0.0.1", port: 0, maximumValue: ByteCount(maximumValue),
        effectiveConfiguration: "{\"node\":\"A\"}", version: "1.2.3")
    adjust(&settings)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let gateway = HTTPGateway(port: node, settings: settings, group: group, logger: Logger(label: "test"))
    let port = try await gateway.start()
    do {
        try await blocking { try body(node, port) }
    } catch {
        await gateway.stop()
        try await group.shutdownGracefully()
        throw error
    }
    await gateway.stop()
    try await group.shutdownGracefully()
}

/// Runs code that blocks, such as a raw client's, on a thread that nothing else waits for.
func blocking<Outcome: Sendable>(_ body: @escaping @Sendable () throws -> Outcome) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Result { try body() })
        }
    }
}

/// Waits until it is so, a minute at most.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<3000 {
        if try condition() { return }
        usleep(20_000)
    }
    throw ClientFailure("not within a minute: \(what)")
}
