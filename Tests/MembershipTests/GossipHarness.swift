import NIOCore
import StatorCore

@testable import Membership

/// One gossip node under a hand-driven clock, its effects collected.
final class GossipHarness {
    let gossip: GossipMembership
    private(set) var now = Instant(nanoseconds: 5_000_000_000)
    private(set) var sent: [(to: NodeID, message: GossipMessage)] = []
    private(set) var liveness: [String] = []
    private(set) var learned: [View] = []
    private var tickAt: Instant?

    init(
        _ name: String, view: View, generation: UInt64 = 1, settings: GossipSettings = GossipSettings(),
        seed: UInt64 = 1
    ) {
        gossip = GossipMembership(
            settings: settings,
            environment: MembershipEnvironment(
                node: NodeID(name), generation: generation, view: view, random: RandomGenerator(seed: seed)))
        handle(.started)
    }

    var reports: [MemberReport] { gossip.reports(now: clock) }

    func report(_ name: String) -> MemberReport? { reports.first { $0.member.node.name == name } }

    private var clock: Now { Now(monotonic: now, wall: WallTime(microseconds: 0)) }

    func handle(_ event: MembershipEvent) {
        var outbox = Outbox<MembershipEffect>()
        gossip.handle(event, now: clock, outbox: &outbox)
        for effect in outbox.drain() {
            switch effect {
            case .send(let target, let bytes):
                precondition(bytes.readableBytes <= MembershipLimits.maximumMessage)
                if let message = try? GossipMessage(decoding: bytes) { sent.append((target, message)) }
            case .setTimer(_, let delay): tickAt = now.advanced(by: delay)
            case .livenessChanged(let node, let state): liveness.append("\(node) \(state)")
            case .viewLearned(let view): learned.append(view)
            }
        }
    }

    func receive(_ message: GossipMessage, from name: String) {
        handle(.message(from: NodeID(name), bytes: message.encoded()))
    }

    /// A member's own heartbeat, with the view of this node.
    func hear(_ name: String, generation: UInt64 = 1, heartbeat: UInt64) {
        let version = HeartbeatVersion(generation: generation, heartbeat: heartbeat)
        receive(GossipMessage(sender: version, view: gossip.viewSummary, body: .answer([])), from: name)
    }

    /// Lets time pass, ticks included.
    func pass(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let due = tickAt, due <= end {
            now = max(now, due)
            tickAt = nil
            handle(.timer(GossipMembership.tick))
        }
        now = end
    }

    /// Lets time pass in which this node stands still.
    func stall(_ duration: Duration) { now = now.advanced(by: duration) }

    /// Hands over what was sent since the last call.
    func takeSent() -> [(to: NodeID, message: GossipMessage)] {
        defer { sent = [] }
        return sent
    }

    func takeLiveness() -> [String] {
        defer { liveness = [] }
        return liveness
    }
}

func testMember(_ name: String) -> Member {
    Member(
        node: NodeID(name), status: .active, zone: "z", weight: 1, peerEndpoint: Endpoint(host: "h", port: 1),
        httpEndpoint: Endpoint(host: "h", port: 2))
}

func testView(_ epoch: UInt64, _ names: [String]) -> View {
    View(epoch: Epoch(epoch), members: names.map(testMember))
}
