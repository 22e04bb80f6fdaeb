import NIOCore
import NIOHTTP1
import NIOPosix
import NodeClient
import Workload

@testable import BenchKit

/// A store of one copy behind the interface of docs/http.md, as far as a load needs it, over sockets.
final class LoadServer: @unchecked Sendable {
    let url: NodeURL
    let store: LoadStore
    private let group: MultiThreadedEventLoopGroup

    private init(port: Int, _ behaviour: LoadStore.Behaviour) {
        url = NodeURL(host: "127.0.0.1", port: port)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        store = LoadStore(behaviour)
    }

    /// On a port below those that the system gives to outgoing connections.
    static func start(_ behaviour: LoadStore.Behaviour = .init()) async throws -> LoadServer {
        while true {
            let server = LoadServer(port: Int.random(in: 20_000..<32_000), behaviour)
            do {
                let store = server.store
                _ = try await ServerBootstrap(group: server.group)
                    .serverChannelOption(.backlog, value: 1024)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                            try channel.pipeline.syncOperations.addHandler(LoadServerHandler(store))
                        }
                    }
                    .bind(host: server.url.host, port: server.url.port).get()
                return server
            } catch let error as IOError where error.errnoCode == 98 || error.errnoCode == 48 {
                try await server.group.shutdownGracefully()
            }
        }
    }

    func stop() async {
        try? await group.shutdownGracefully()
    }

    /// How many requests have come.
    func requests() async throws -> Int {
        let store = store
        return try await group.next().submit { store.requests }.get()
    }
}

extension WorkloadSettings {
    /// Only reads, in the given loop.
    static func reads(_ loop: Loop, clients: Int, rate: Double) -> WorkloadSettings {
        var workload = WorkloadSettings()
        workload.loop = loop
        workload.clients = clients
        workload.operationsPerSecond = rate
        (workload.updates, workload.heldWrites, workload.siblingWrites, workload.deletes) = (0, 0, 0, 0)
        return workload
    }
}

extension LoadTally {
    var addsUp: Bool { offered == succeeded + failed + unknown + neverSent }

    func percentile(_ percent: Double, of kind: String = "read") -> Double? {
        namedHistograms.first { $0.kind == kind }?.histogram.percentile(percent)
    }
}
