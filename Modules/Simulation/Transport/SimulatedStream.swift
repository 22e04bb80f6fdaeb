internal import DequeModule
package import NIOCore
package import StatorCore

/// One direction of a simulated connection: bytes arrive in the order in which they were written, or not at all.
///
/// A value without clock or events of its own: whoever has it asks ``nextStep`` after every call when to look again, and
/// calls ``step(at:network:using:)`` then. What was written flies as segments while there is room in the window;
/// the rest waits at the sender. A segment that is lost, by chance or in a cut, is sent again after
/// ``NetworkLimits/retransmission``, then after twice as long and so on, and with it all that is behind it.
package struct SimulatedStream {
    package let sender: Int
    package let receiver: Int

    private struct Segment {
        var bytes: ByteBuffer
        /// In nanoseconds; the end of time where it was lost.
        var arrival: Int64
        /// The sender has closed the connection: nothing follows.
        var isEnd = false
    }

    private var flying = Deque<Segment>()
    private var flyingBytes = 0
    private var waiting = Deque<ByteBuffer>()
    private var lastArrival: Int64 = 0
    /// When what was lost is sent again, and how often it has been.
    private var retryAt: Int64 = .max
    private var retries = 0
    private var hasEnd = false
    /// Bytes off the sender's hands since ``takeWritten()`` was asked.
    private var written = 0
    /// The network has broken the connection.
    package private(set) var isBroken = false

    package init(from sender: Int, to receiver: Int) {
        self.sender = sender
        self.receiver = receiver
    }

    /// What came of a step.
    package enum Step {
        case nothing
        /// All that has arrived, in one read. Where it is the end, the other side has closed the connection.
        case read(ByteBuffer, isEnd: Bool)
        /// The sender's patience is over.
        case gaveUp
    }

    /// Bytes that have been sent and not been read.
    package var unread: Int { flyingBytes }

    /// Whether the next bytes were lost and are still to be sent again, or what closes the connection.
    package var isStuck: Bool { flying.first?.arrival == .max }

    package var isEmpty: Bool { flying.isEmpty && waiting.isEmpty }

    /// When ``step(at:network:using:)`` is to be called; `nil` while there is nothing to be done.
    package var nextStep: Instant? {
        guard !isBroken, let first = flying.first else { return nil }
        return Instant(nanoseconds: first.arrival == .max ? retryAt : first.arrival)
    }

    package mutating func takeWritten() -> Int {
        defer { written = 0 }
        return written
    }

    package mutating func write(
        _ bytes: consuming ByteBuffer, at now: Instant, network: inout SimulatedNetwork,
        using random: inout RandomGenerator
    ) {
        guard !hasEnd, !isBroken else { return }
        guard waiting.isEmpty, fits(bytes.readableBytes) else {
            waiting.append(bytes)
            return
        }
        launch(bytes, now, &network, &random)
    }

    /// The sender closes the connection: what is written already still arrives, then the end does.
    package mutating func end(
        at now: Instant, network: inout SimulatedNetwork, using random: inout RandomGenerator
    ) {
        guard !hasEnd, !isBroken else { return }
        while let bytes = waiting.popFirst() { launch(bytes, now, &network, &random) }
        hasEnd = true
        fly(Segment(bytes: ByteBuffer(), arrival: 0, isEnd: true), now, &network, &random)
    }

    /// Nothing that is still under way arrives.
    package mutating func lose() {
        flying = []
        waiting = []
        flyingBytes = 0
        hasEnd = true
        isBroken = false
    }

    /// The sender's machine has no power: what is on the wire arrives, nothing is sent again.
    package mutating func abandon() {
        while let last = flying.last, last.arrival == .max {
            flying.removeLast()
            flyingBytes -= last.bytes.readableBytes
        }
        waiting = []
        hasEnd = true
    }

    private func fits(_ count: Int) -> Bool {
        flyingBytes == 0 || flyingBytes + count <= NetworkLimits.window
    }

    private mutating func launch(
        _ bytes: consuming ByteBuffer, _ now: Instant, _ network: inout SimulatedNetwork,
        _ random: inout RandomGenerator
    ) {
        written += bytes.readableBytes
        if bytes.readableBytes > 1, random.below(NetworkLimits.writesForASplit) == 0,
            let part = bytes.readSlice(length: 1 + random.below(bytes.readableBytes - 1))
        {
            fly(Segment(bytes: part, arrival: 0), now, &network, &random)
        }
        while bytes.readableBytes > NetworkLimits.segment,
            let part = bytes.readSlice(length: NetworkLimits.segment)
        {
            fly(Segment(bytes: part, arrival: 0), now, &network, &random)
        }
        fly(Segment(bytes: bytes, arrival: 0), now, &network, &random)
    }

    private mutating func fly(
        _ segment: consuming Segment, _ now: Instant, _ network: inout SimulatedNetwork,
        _ random: inout RandomGenerator
    ) {
        segment.arrival = .max
        if flying.last?.arrival != .max {
            let size = segment.bytes.readableBytes + NetworkLimits.emptyPacket
            switch network.carry(from: sender, to: receiver, bytes: size, at: now, using: &random) {
            case .arrives(let arrival):
                lastArrival = max(lastArrival, arrival.nanoseconds)
                segment.arrival = lastArrival
            case .lost: wait(now, retries: 0)
            case .broken: isBroken = true
            }
        }
        flyingBytes += segment.bytes.readableBytes
        flying.append(segment)
    }

    private mutating func wait(_ now: Instant, retries: Int) {
        self.retries = retries
        retryAt = now.nanoseconds + NetworkLimits.retransmission.nanoseconds << Int64(retries)
    }

    /// The receiver does not acknowledge: everything is sent again, later.
    package mutating func stall(at now: Instant) {
        for index in flying.indices { flying[index].arrival = .max }
        wait(now, retries: 0)
    }

    /// What is due at ``nextStep``: segments arrive, or what was lost is sent again.
    /// - Parameter isReachable: whether the receiver's machine has power.
    package mutating func step(
        at now: Instant, isReachable: Bool = true, network: inout SimulatedNetwork, using random: inout RandomGenerator
    ) -> Step {
        guard let first = flying.first, !isBroken else { return .nothing }
        if first.arrival == .max { return sendAgain(now, isReachable, &network, &random) }
        guard isReachable, !network.isCut(from: sender, to: receiver) else {
            stall(at: now)
            return .nothing
        }
        guard first.arrival <= now.nanoseconds else { return .nothing }
        return read(now, &network, &random)
    }

    private mutating func read(
        _ now: Instant, _ network: inout SimulatedNetwork, _ random: inout RandomGenerator
    ) -> Step {
        guard var segment = flying.popFirst() else { return .nothing }
        while let next = flying.first, next.arrival <= now.nanoseconds {
            segment.bytes.writeImmutableBuffer(next.bytes)
            segment.isEnd = next.isEnd
            flying.removeFirst()
        }
        flyingBytes -= segment.bytes.readableBytes
        if isStuck { wait(now, retries: 0) }
        while let next = waiting.first, fits(next.readableBytes) {
            waiting.removeFirst()
            launch(next, now, &network, &random)
        }
        return .read(segment.bytes, isEnd: segment.isEnd)
    }

    private mutating func sendAgain(
        _ now: Instant, _ isReachable: Bool, _ network: inout SimulatedNetwork, _ random: inout RandomGenerator
    ) -> Step {
        network.counters.retransmitted &+= 1
        let next = retries + 1
        let size = flyingBytes + NetworkLimits.emptyPacket
        guard isReachable,
            case let carriage = network.carry(from: sender, to: receiver, bytes: size, at: now, using: &random),
            carriage != .lost
        else {
            let pause = NetworkLimits.retransmission.nanoseconds << Int64(next)
            guard pause <= NetworkLimits.longestRetransmission.nanoseconds else { return .gaveUp }
            wait(now, retries: next)
            return .nothing
        }
        guard case .arrives(let arrival) = carriage else {
            isBroken = true
            return .nothing
        }
        retries = 0
        lastArrival = max(lastArrival, arrival.nanoseconds)
        for index in flying.indices { flying[index].arrival = lastArrival }
        return .nothing
    }
}
