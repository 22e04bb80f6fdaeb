import Membership
import NIOCore
import StatorCore

/// A small deterministic network of membership strategies: virtual time, and links that delay, lose, duplicate,
/// reorder and are cut one way. Same seed, same run.
final class MembershipLawNetwork {
    typealias Make = (MembershipEnvironment) -> any MembershipProtocol

    struct Faults {
        var loss = 0.0
        var duplication = 0.0
        /// Delays are drawn between the two, so messages overtake one another.
        var shortestDelay = Duration.milliseconds(1)
        var longestDelay = Duration.milliseconds(20)
    }

    private(set) var nodes: [MembershipLawNode] = []
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    var faults = Faults()
    /// Everything sent since this was set, kept while `keepsMessages`.
    private(set) var keptMessages: [ByteBuffer] = []
    var keepsMessages = false
    private(set) var bytesSent = 0
    private(set) var largestMessage = 0
    /// A fingerprint of all effects in order.
    private(set) var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325

    private let make: Make
    private var random: RandomGenerator
    private var queue = MembershipLawQueue()
    private var indices: [NodeID: Int] = [:]
    private var cuts: Set<[Int]> = []

    init(seed: UInt64, make: @escaping Make) {
        random = RandomGenerator(seed: seed)
        self.make = make
    }

    /// Adds a node that is not running yet.
    func add(_ node: NodeID, view: View) {
        indices[node] = nodes.count
        nodes.append(MembershipLawNode(node: node, view: view))
    }

    func index(of node: NodeID) -> Int? { indices[node] }

    /// Starts a node, or starts it again with a higher generation and the view that it held.
    func start(_ index: Int) {
        nodes[index].generation += 1
        nodes[index].life += 1
        nodes[index].isPaused = false
        nodes[index].backlog = []
        nodes[index].reported = [:]
        let environment = MembershipEnvironment(
            node: nodes[index].node, generation: nodes[index].generation, view: nodes[index].view,
            random: random.split())
        nodes[index].strategy = make(environment)
        deliver(.started, to: index)
    }

    func stop(_ index: Int) {
        nodes[index].strategy = nil
        nodes[index].life += 1
    }

    /// Its next start counts generations from one again, as after a lost disk.
    func forgetGeneration(of index: Int) { nodes[index].generation = 0 }

    /// The process stands still: messages and timers wait.
    func pause(_ index: Int) { nodes[index].isPaused = true }

    func resume(_ index: Int) {
        nodes[index].isPaused = false
        let waiting = nodes[index].backlog
        nodes[index].backlog = []
        for event in waiting { deliver(event, to: index) }
    }

    /// Cuts the way from one node to another; the way back stays.
    func cut(from: Int, to: Int) { cuts.insert([from, to]) }

    func heal() { cuts = [] }

    func choose(_ view: View, at index: Int) {
        if view.epoch > nodes[index].view.epoch { nodes[index].view = view }
        deliver(.viewChosen(view), to: index)
    }

    /// Hands over bytes as if `sender` had sent them.
    func inject(_ bytes: ByteBuffer, from sender: NodeID, to index: Int) {
        deliver(.message(from: sender, bytes: bytes), to: index)
    }

    func reports(of index: Int) -> [MemberReport] {
        nodes[index].strategy?.reports(now: clock) ?? []
    }

    /// Lets time pass. With `until`, stops early once it holds, checked every 100 ms.
    /// - Returns: whether `until` held, or true without one.
    @discardableResult
    func run(for duration: Duration, until isDone: (() -> Bool)? = nil) -> Bool {
        let end = now.advanced(by: duration)
        while now < end {
            let step = min(end, now.advanced(by: .milliseconds(100)))
            while let event = queue.popFirst(notAfter: step) {
                now = max(now, event.time)
                if event.life == nodes[event.target].life || event.life == nil {
                    deliver(event.event, to: event.target)
                }
            }
            now = step
            if let isDone, isDone() { return true }
        }
        return isDone == nil
    }

    private var clock: Now { Now(monotonic: now, wall: WallTime(microseconds: now.nanoseconds / 1000)) }

    private func deliver(_ event: MembershipEvent, to index: Int) {
        guard let strategy = nodes[index].strategy else { return }
        if nodes[index].isPaused {
            nodes[index].backlog.append(event)
            return
        }
        var outbox = Outbox<MembershipEffect>()
        strategy.handle(event, now: clock, outbox: &outbox)
        for effect in outbox.drain() { carryOut(effect, of: index) }
    }

    private func carryOut(_ effect: MembershipEffect, of index: Int) {
        switch effect {
        case .send(let target, let bytes):
            mix(1, bytes.readableBytesView)
            send(bytes, from: index, to: target)
        case .setTimer(let timer, let delay):
            mix(2, String(delay.nanoseconds).utf8)
            queue.push(at: now.advanced(by: delay), .timer(timer), to: index, life: nodes[index].life)
        case .livenessChanged(let member, let liveness):
            mix(3, "\(member) \(liveness)".utf8)
            nodes[index].note(member, liveness, at: now)
        case .viewLearned(let view):
            mix(4, "\(view.epoch)".utf8)
            nodes[index].learned.append(view)
            if view.epoch > nodes[index].view.epoch { nodes[index].view = view }
        }
    }

    private func send(_ bytes: ByteBuffer, from index: Int, to target: NodeID) {
        bytesSent += bytes.readableBytes
        largestMessage = max(largestMessage, bytes.readableBytes)
        if keepsMessages, keptMessages.count < 10_000 { keptMessages.append(bytes) }
        guard let receiver = indices[target], !cuts.contains([index, receiver]), !random.chance(faults.loss) else {
            return
        }
        let event = MembershipEvent.message(from: nodes[index].node, bytes: bytes)
        queue.push(at: now.advanced(by: drawDelay()), event, to: receiver, life: nil)
        guard random.chance(faults.duplication) else { return }
        queue.push(at: now.advanced(by: drawDelay()), event, to: receiver, life: nil)
    }

    private func drawDelay() -> Duration {
        let spread = faults.longestDelay.nanoseconds - faults.shortestDelay.nanoseconds
        return .nanoseconds(faults.shortestDelay.nanoseconds + Int64(Double(spread) * random.fraction()))
    }

    /// FNV-1a.
    private func mix(_ kind: UInt8, _ bytes: some Sequence<UInt8>) {
        fingerprint = (fingerprint ^ UInt64(kind)) &* 0x100_0000_01B3
        for byte in bytes { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}
