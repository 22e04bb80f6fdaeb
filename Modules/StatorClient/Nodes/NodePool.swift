import NIOCore
import NIOPosix

/// One node's connections, and who waits for them. Confined to the client's event loop.
final class NodePool {
    let address: NodeAddress
    let core: ClientCore
    private(set) var connections: [ClientConnection] = []
    private var opening = 0
    private var line = WaitingLine()
    private var health = NodeHealth()
    /// No longer a node of the ring: what is under way ends, then it is gone.
    private(set) var isRetired = false
    /// No further connection is tried before, as the last one failed while others work.
    private var mayOpenAt = NIODeadline.uptimeNanoseconds(0)

    init(_ address: NodeAddress, core: ClientCore) {
        self.address = address
        self.core = core
    }

    var isHealthy: Bool { health.state == .healthy && !isRetired }
    var inFlight: Int { connections.reduce(0) { $0 + $1.load } }
    /// What requests are spread by.
    var load: Int { inFlight + line.count }

    var statistics: NodeStatistics {
        NodeStatistics(
            address: address, connections: connections.count, inFlight: inFlight, isHealthy: isHealthy)
    }

    // MARK: Operations

    /// Sends it, or lets it wait for room.
    func take(_ operation: Operation) {
        if let connection = leastBusy, connection.hasRoom {
            send(operation, over: connection)
        } else if let claim = core.beginWaiting(operation, isParked: false) {
            line.append(claim)
        }
        openWhereUseful()
    }

    private func send(_ operation: Operation, over connection: ClientConnection) {
        connection.send(operation)
        core.beganAttempt(operation)
    }

    private var leastBusy: ClientConnection? { connections.min { $0.load < $1.load } }

    /// Those who wait go on as far as there is room.
    private func serve() {
        while let connection = leastBusy, connection.hasRoom, let operation = line.popFirst() {
            core.leave(operation)
            send(operation, over: connection)
        }
    }

    func roomCameFree(_ connection: ClientConnection) {
        if isRetired, connection.load == 0 { return connection.shut("the node left the ring", isFault: false) }
        serve()
    }

    func answered(_ operation: Operation, _ reply: Reply) {
        if !operation.isPinned { health.answered() }
        core.answered(operation, reply, by: address)
    }

    // MARK: Opening

    /// One at a time, and where none is there or all are half full.
    private func openWhereUseful() {
        let configuration = core.configuration
        guard isHealthy, !core.isClosed, opening == 0, connections.count < configuration.maximumConnectionsPerNode
        else {
            return
        }
        if let connection = leastBusy {
            guard connection.load * 2 >= configuration.maximumInFlightPerConnection, NIODeadline.now() >= mayOpenAt
            else {
                return
            }
        }
        open()
    }

    private func open() {
        opening += 1
        let pool = NIOLoopBound(self, eventLoop: core.eventLoop)
        ClientBootstrap(group: core.eventLoop)
            .connectTimeout(TimeAmount(core.configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientConnection(pool: pool.value))
                }
            }
            .connect(host: address.host, port: address.port)
            .assumeIsolated().whenComplete { self.opened($0) }
    }

    private func opened(_ result: Result<any Channel, any Error>) {
        opening -= 1
        switch result {
        case .failure(let error): failedToOpen(reason(of: error))
        case .success(let channel):
            guard !isRetired, !core.isClosed else { return channel.close(promise: nil) }
            guard channel.isActive,
                let connection = try? channel.pipeline.syncOperations.handler(type: ClientConnection.self),
                !connection.isShut
            else {
                channel.close(promise: nil)
                return failedToOpen("it closed the connection at once")
            }
            connections.append(connection)
            if health.state == .probing { return ping(connection) }
            serve()
            if line.count > 0 { openWhereUseful() }
        }
    }

    private func failedToOpen(_ why: String) {
        guard !isRetired, !core.isClosed else { return }
        if connections.isEmpty || health.state == .probing {
            rest("\(address): \(why)")
        } else {
            mayOpenAt = .now() + TimeAmount(core.configuration.nodeBackoff)
        }
    }

    // MARK: Health

    /// - Parameter isFault: more than a connection that ended between two requests.
    func lost(_ connection: ClientConnection, _ why: String, isFault: Bool) {
        guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
        connections.remove(at: index)
        guard !isRetired, !core.isClosed else { return }
        if isFault { rest("\(address): \(why)") } else if line.count > 0 { openWhereUseful() }
    }

    /// Leaves the node alone for a while. Those who wait for it go elsewhere.
    private func rest(_ why: String) {
        guard health.fail() else { return }
        core.noteFailure(of: self, why)
        core.loop.scheduleTask(in: core.nodePause(after: health.failures)) { self.probe() }
        for operation in line.drain() { core.failed(operation, .notSent(why), at: address) }
    }

    private func probe() {
        guard !isRetired, !core.isClosed, health.beginProbe() else { return }
        if let connection = connections.first(where: { $0.load == 0 }) {
            ping(connection)
        } else if opening == 0 {
            // One more than usual where all are busy: PING would wait behind what may hang.
            open()
        }
    }

    private func ping(_ connection: ClientConnection) {
        core.ping(connection) { result in
            switch result {
            case .success:
                self.health.recover()
                self.core.nodeIsBack()
                self.serve()
            case .failure(let error): self.rest("\(self.address): \(error)")
            }
        }
    }

    /// Asks connections that had nothing to do for a sign of life. One that gives none is closed as silent.
    func pingIdle(since limit: NIODeadline) {
        for connection in connections where connection.load == 0 && connection.lastRead < limit {
            core.ping(connection) { _ in }
        }
    }

    // MARK: The end

    func retire() {
        isRetired = true
        for operation in line.drain() { core.failed(operation, .notSent("\(address) left the ring"), at: address) }
        for connection in connections where connection.load == 0 {
            connection.shut("the node left the ring", isFault: false)
        }
    }

    /// Fulfilled when the sockets are closed.
    var closeFutures: [EventLoopFuture<Void>] { connections.compactMap(\.closeFuture) }

    func close() {
        for connection in connections { connection.shut("the client is closed", isFault: false) }
    }
}

private func reason(of error: any Error) -> String {
    guard let error = error as? NIOConnectionError else { return "\(error)" }
    if let first = error.connectionErrors.first { return "\(first.error)" }
    return error.dnsAError.map { "\($0)" } ?? "no address"
}
