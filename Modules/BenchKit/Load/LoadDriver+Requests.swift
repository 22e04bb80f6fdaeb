internal import Checking
internal import NIOCore
internal import NodeClient
internal import Recording
internal import StatorCore
internal import Workload

/// Requests, answers, and what goes wrong between them.
extension LoadDriver {
    /// Sends the session's operations to its node, all at once.
    func carryOut(_ index: Int, intended: Int64, now: Int64) {
        let session = sessions[index]
        session.isBusy = true
        busyCount += 1
        session.answered = 0
        session.error = nil
        session.intended = intended
        session.sent = now
        session.deadline = now + timeout
        for place in session.operations.indices {
            session.operations[place].start = now
            session.operations[place].node = nodes.urls[session.node].authority
        }
        noteBegun(intended)
        if let connection = session.connections[session.node], connection.isOpen {
            transmit(session, on: connection)
        } else {
            session.isConnecting = true
            connect(index, to: session.node).whenComplete { _ in }
        }
    }

    private func transmit(_ session: LoadSession, on connection: LoadConnection) {
        session.isConnecting = false
        outgoing.clear()
        for operation in session.operations {
            dialect.encode(operation, node: session.node, valueBytes: session.step.valueBytes, into: &outgoing)
        }
        tally.bytesSent += outgoing.readableBytes
        connection.send(outgoing)
    }

    func answered(_ answer: StoreAnswer, by connection: LoadConnection) {
        let session = sessions[connection.session]
        guard session.connections[connection.node] === connection else { return }
        guard session.isBusy, session.node == connection.node, !session.isConnecting else {
            // Nobody has asked.
            return lost(connection, .unreadable("an answer without a request"))
        }
        let now = clock.now
        let place = session.answered
        session.operations[place].end = now
        answer.conclude(&session.operations[place])
        if session.error == nil { session.error = session.operations[place].error }
        session.answered += 1
        if let name = answer.nodeName { nodes.name(connection.node, name) }
        if answer.sendsAway { nodes.rest(connection.node, from: now) }
        if answer.closes { return lost(connection, .connectionLost) }
        if session.answered == session.operations.count { complete(connection.session, now: now) }
    }

    /// The connection is of no use any more. What was sent and is not answered may have been carried out.
    func lost(_ connection: LoadConnection, _ why: LoadLoss) {
        let session = sessions[connection.session]
        guard session.connections[connection.node] === connection else { return }
        session.connections[connection.node] = nil
        connection.close()
        guard session.isBusy, session.node == connection.node, !session.isConnecting else { return }
        if session.answered == session.operations.count { return complete(connection.session, now: clock.now) }
        fail(connection.session, why)
    }

    /// No answer came in time, or nobody waits for it.
    func giveUp(_ index: Int, _ why: LoadLoss) {
        let session = sessions[index]
        if let connection = session.connections[session.node], !session.isConnecting { return lost(connection, why) }
        fail(index, .notConnected("no connection in time"))
    }

    /// Ends what is under way with an error; its node rests.
    private func fail(_ index: Int, _ why: LoadLoss) {
        let session = sessions[index]
        let now = clock.now
        if session.error == nil { session.error = why.code }
        let node = nodes.urls[session.node]
        let failure: CallFailure =
            switch why {
            case .notConnected(let reason): .notConnected("\(node) cannot be reached: \(reason)")
            case .connectionLost: .noAnswer("\(node) did not answer: the connection was lost")
            case .inTime: .noAnswer("\(node) did not answer: no answer in time")
            case .unreadable(let reason): .noAnswer("\(node) did not answer: \(reason)")
            case .cancelled: .noAnswer("\(node) did not answer: the load was ended")
            }
        for place in session.answered..<session.operations.count {
            session.operations[place].end = now
            session.operations[place].conclude(failure)
        }
        session.isConnecting = false
        if case .cancelled = why {} else { nodes.rest(session.node, from: now) }
        complete(index, now: now)
    }

    // MARK: Connections

    /// Opens connections before the load, so that opening them is no part of it: one a session, or one for each node
    /// where that makes not too many.
    func connectAhead() -> EventLoopFuture<Void> {
        let all = sessions.count * settings.nodes.count <= LoadLimits.connectionsAhead
        var wanted: [(session: Int, node: Int)] = []
        for (index, session) in sessions.enumerated() {
            if all { wanted.append(contentsOf: settings.nodes.indices.map { (index, $0) }) }
            if !all { wanted.append((index, session.node)) }
        }
        let lanes = (0..<min(LoadLimits.connectionsOpening, wanted.count)).map { lane in
            connectNext(stride(from: lane, to: wanted.count, by: LoadLimits.connectionsOpening).map { wanted[$0] }, 0)
        }
        return EventLoopFuture.andAllComplete(lanes, on: eventLoop)
    }

    private func connectNext(_ wanted: [(session: Int, node: Int)], _ place: Int) -> EventLoopFuture<Void> {
        guard place < wanted.count, isWorking else { return eventLoop.makeSucceededVoidFuture() }
        let (session, node) = wanted[place]
        if nodes.rests(node, at: clock.now) { return connectNext(wanted, place + 1) }
        return connect(session, to: node).flatMap { self.connectNext(wanted, place + 1) }
    }

    /// Succeeds in any case, once it is known whether there is a connection.
    private func connect(_ index: Int, to node: Int) -> EventLoopFuture<Void> {
        let url = nodes.urls[node]
        let (driver, dialect) = (self, dialect)
        let handlers: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    LoadConnection(driver: driver, session: index, node: node, dialect: dialect))
            }
        }
        return transport.open(url, on: eventLoop, initializer: handlers)
            .flatMapThrowing { channel in
                driver.connected(try channel.pipeline.syncOperations.handler(type: LoadConnection.self))
            }
            .flatMapErrorThrowing { error in driver.notConnected(index, node, "\(error)") }
    }

    private func connected(_ connection: LoadConnection) {
        let session = sessions[connection.session]
        guard session.connections[connection.node]?.isOpen != true, isWorking || session.isBusy else {
            return connection.close()
        }
        session.connections[connection.node] = connection
        if session.isBusy, session.isConnecting, session.node == connection.node {
            transmit(session, on: connection)
        }
    }

    private func notConnected(_ index: Int, _ node: Int, _ why: String) {
        let session = sessions[index]
        nodes.rest(node, from: clock.now)
        guard session.isBusy, session.isConnecting, session.node == node else { return }
        fail(index, .notConnected(why))
    }
}
