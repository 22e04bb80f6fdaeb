import Replication
import Synchronization

/// What the transport of a node counts, on any thread. Counted once for each write or read, not for each frame.
final class RuntimeCounters: Sendable {
    let framesSent = Atomic<Int>(0)
    let framesReceived = Atomic<Int>(0)
    let bytesSent = Atomic<Int>(0)
    let bytesReceived = Atomic<Int>(0)
    let framesDropped = Atomic<Int>(0)
    let connectionsRefused = Atomic<Int>(0)
    let malformedFrames = Atomic<Int>(0)
    let linksUp = Atomic<Int>(0)
    /// Writes to sockets: with ``framesSent`` it shows how well frames are coalesced.
    let writes = Atomic<Int>(0)
    /// Accepted connections now, and those of them that have not shaken hands.
    let connections = Atomic<Int>(0)
    let handshakes = Atomic<Int>(0)

    var snapshot: TransportCounters {
        var counters = TransportCounters()
        counters.framesSent = framesSent.load(ordering: .relaxed)
        counters.framesReceived = framesReceived.load(ordering: .relaxed)
        counters.bytesSent = bytesSent.load(ordering: .relaxed)
        counters.bytesReceived = bytesReceived.load(ordering: .relaxed)
        counters.framesDropped = framesDropped.load(ordering: .relaxed)
        counters.connectionsRefused = connectionsRefused.load(ordering: .relaxed)
        counters.malformedFrames = malformedFrames.load(ordering: .relaxed)
        counters.linksUp = linksUp.load(ordering: .relaxed)
        return counters
    }
}

extension Atomic where Value == Int {
    func add(_ amount: Int) {
        self.add(amount, ordering: .relaxed)
    }

    /// Adds what a count has risen by; most have not.
    func add(from earlier: Int, to later: Int) {
        if later != earlier { add(later - earlier) }
    }
}
