import Logging
import NIOCore
import NIOPosix
import NodeCore
import StatorCore

/// Accepts connections of other nodes, for receiving only.
struct PeerListener: Sendable {
    private let channel: any Channel

    /// - Throws: ``StartError`` where the endpoint cannot be listened on.
    static func open(
        at endpoint: Endpoint, group: MultiThreadedEventLoopGroup, reception: Reception
    ) async throws(StartError) -> PeerListener {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16384, maximum: 262_144)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReceptionHandler(reception))
                }
            }
        do {
            return PeerListener(channel: try await bootstrap.bind(host: endpoint.host, port: endpoint.port).get())
        } catch let error as IOError where error.errnoCode == PeerListener.addressInUse {
            throw .portInUse(endpoint)
        } catch {
            throw .cannotListen(endpoint, reason: "\(error)")
        }
    }

    func close() async {
        try? await channel.close()
    }
}

#if canImport(Glibc)
    import Glibc

    extension PeerListener {
        private static var addressInUse: CInt { EADDRINUSE }
    }
#elseif canImport(Darwin)
    import Darwin

    extension PeerListener {
        private static var addressInUse: CInt { EADDRINUSE }
    }
#endif
