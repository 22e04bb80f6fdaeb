import NIOCore
import Replication
import StatorCore

/// A connection whose replies leave at the end of a turn of its loop.
protocol TurnConnection: AnyObject {
    var isFlushPlanned: Bool { get set }
    func flush()
}

/// What the connections of one event loop share: counters, the date of the second, and who they are.
///
/// Touched on its loop only.
final class GatewayLoop {
    let core: GatewayCore
    let eventLoop: any EventLoop
    private(set) var traffic = GatewayTraffic()
    /// The same since ``takeWindow()``, coarser.
    private var window = GatewayTraffic.coarse
    /// The header lines `Date` and `X-Stator-Node`, renewed by the housekeeping.
    private(set) var commonHead = ByteBuffer()
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var listeners: [ObjectIdentifier: HTTPConnection] = [:]
    private var housekeeping: RepeatedTask?
    private var respConnections: [ObjectIdentifier: RESPConnection] = [:]
    /// Connections with replies that leave at the end of this turn.
    private var flushing: [any TurnConnection] = []
    /// What half-sent commands take.
    var incompleteBytes = 0

    init(core: GatewayCore, eventLoop: any EventLoop) {
        self.core = core
        self.eventLoop = eventLoop
        renewHead()
    }

    private func renewHead() {
        commonHead = ByteBuffer(
            string: "\r\nDate: \(CalendarTime.now.httpDate)\r\nX-Stator-Node: \(core.port.node.name)")
    }

    func startHousekeeping() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        housekeeping = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.tick()
        }
    }

    private func tick() {
        renewHead()
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.housekeep(now) }
        for connection in Array(respConnections.values) { connection.housekeep(now) }
        if core.loops.first?.eventLoop === eventLoop { core.look() }
    }

    func add(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        listeners[ObjectIdentifier(connection)] = nil
        core.connectionEnded()
    }

    var connectionCount: Int { connections.count }

    /// Has every connection end after the requests that it has already begun.
    func drain() {
        for connection in Array(connections.values) { connection.stopAccepting() }
    }

    func closeAll() {
        housekeeping?.cancel()
        housekeeping = nil
        for connection in Array(connections.values) { connection.abandon() }
    }

    // MARK: Counting

    func count(_ reply: HTTPReply) {
        traffic.count(reply)
        window.count(reply)
    }

    func record(_ kind: KeyAnswer.Kind, _ elapsed: TimeAmount, count: Int = 1) {
        traffic.latencies.record(kind, elapsed, count: count)
        window.latencies.record(kind, elapsed, count: count)
    }

    /// What was counted since the last time.
    func takeWindow() -> GatewayTraffic {
        defer { window = GatewayTraffic.coarse }
        return window
    }

    // MARK: Turns

    /// Has the connection write what it has answered once this turn's events are handled: in one piece.
    func planFlush(of connection: any TurnConnection) {
        guard !connection.isFlushPlanned else { return }
        connection.isFlushPlanned = true
        flushing.append(connection)
        guard flushing.count == 1 else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.flushPlanned() }
    }

    private func flushPlanned() {
        var planned: [any TurnConnection] = []
        swap(&planned, &flushing)
        for connection in planned {
            connection.isFlushPlanned = false
            connection.flush()
        }
        planned.removeAll(keepingCapacity: true)
        if flushing.isEmpty { swap(&planned, &flushing) }
    }

    // MARK: RESP

    func add(_ connection: RESPConnection) {
        respConnections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: RESPConnection) {
        respConnections[ObjectIdentifier(connection)] = nil
    }

    func drainRESP() {
        for connection in Array(respConnections.values) { connection.stopAccepting() }
    }

    func closeRESP() {
        for connection in Array(respConnections.values) { connection.abandon() }
    }

    func countCommand() { traffic.commands += 1 }

    func countProtocolError() { countError("resp_protocol") }

    func countError(_ code: String) {
        traffic.errors[code, default: 0] += 1
        window.errors[code, default: 0] += 1
    }

    // MARK: Streams

    func subscribe(_ connection: HTTPConnection) {
        listeners[ObjectIdentifier(connection)] = connection
    }

    func broadcast(_ frame: ByteBuffer) {
        for listener in Array(listeners.values) { listener.push(frame) }
    }
}
