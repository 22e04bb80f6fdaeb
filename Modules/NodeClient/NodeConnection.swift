internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A connection to a node that carries one request after the other.
package struct NodeConnection: Sendable {
    private static let connectTimeout = TimeAmount.seconds(2)
    static let maximumBody = 128 << 20

    package let node: NodeURL
    private let channel: any Channel

    /// - Throws: ``CallFailure/notConnected(_:)``.
    package static func open(_ node: NodeURL) async throws(CallFailure) -> NodeConnection {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(connectTimeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(ExchangeHandler(authority: node.authority))
                    }
                }
                .connect(host: node.host, port: node.port).get()
            return NodeConnection(node: node, channel: channel)
        } catch {
            throw .notConnected("\(node) cannot be reached: \(reason(of: error))")
        }
    }

    /// False once either side has closed it. It may be lost at any later moment.
    package var isOpen: Bool { channel.isActive }

    /// Carries out a request; the one before has been answered. A connection is closed where no answer came in time.
    ///
    /// Cancelling the task does not end it: an answer, or the call's time-out does.
    package func send(_ call: HTTPCall) async throws(CallFailure) -> HTTPAnswer {
        let promise = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        let expiry = channel.eventLoop.scheduleTask(in: call.timeout) { promise.fail(NoAnswerInTime()) }
        defer { expiry.cancel() }
        // Where the handler has gone with its channel, the write fails in its place.
        channel.writeAndFlush(Exchange(call: call, promise: promise)).whenFailure { _ in promise.fail(NothingSent()) }
        do {
            return try await promise.futureResult.get()
        } catch let error as NothingSent {
            throw .notConnected("\(node) cannot be reached: \(reason(of: error))")
        } catch {
            close()
            throw .noAnswer("\(node) did not answer: \(reason(of: error))")
        }
    }

    package func close() {
        channel.close(promise: nil)
    }
}

package enum HTTPClient {
    /// Carries out one request on a connection of its own.
    package static func send(_ call: HTTPCall, to node: NodeURL) async throws(CallFailure) -> HTTPAnswer {
        let connection = try await NodeConnection.open(node)
        defer { connection.close() }
        var call = call
        call.headers.append(("Connection", "close"))
        return try await connection.send(call)
    }
}

struct NothingSent: Error {}
struct NoAnswerInTime: Error {}
struct ConnectionLost: Error {}
struct AnswerTooLarge: Error {}

private func reason(of error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
        if let first = error.connectionErrors.first { return reason(of: first.error) }
        return error.dnsAError.map { "\($0)" } ?? "no address"
    case let error as IOError: return error.errnoCode == 111 || error.errnoCode == 61 ? "refused" : "\(error)"
    case is NothingSent: return "the connection is closed"
    case is NoAnswerInTime: return "no answer in time"
    case is ConnectionLost: return "the connection was lost"
    case is AnswerTooLarge: return "the answer has more than \(NodeConnection.maximumBody) bytes"
    default: return "\(error)"
    }
}
