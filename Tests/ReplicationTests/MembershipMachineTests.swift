import Composition
import Membership
import StatorCore
import Testing

@testable import Replication

/// The membership machine by itself: who lets a newcomer in, and what becomes of a view that a disk does not take.
@Suite struct MembershipMachineTests {
    private let newcomer = Member(
        node: NodeID("F"), status: .joining, zone: "z", weight: 1,
        peerEndpoint: Endpoint(host: "127.0.0.1", port: 7005), httpEndpoint: Endpoint(host: "127.0.0.1", port: 5005))

    /// Node B, with links to some others.
    private func machine(members: [String], linked: [String]) throws -> MembershipMachine {
        let json = """
            {"node": {"name": "B", "peer": "127.0.0.1:7001", "http": "127.0.0.1:5001"},
            "cluster": {"name": "test", "members": [
            {"name": "B", "peer": "127.0.0.1:7001", "http": "127.0.0.1:5001"}]},
            "strategies": {"membership": {"kind": "gossip"}}, "replication": {"n": 1, "r": 1, "w": 1}}
            """
        let blueprint = try NodeConfiguration.load(json: json, registry: .standard).blueprint()
        let view = View(
            epoch: Epoch(7),
            members: members.enumerated().map { index, name in
                Member(
                    node: NodeID(name), status: .active, zone: "z", weight: 1,
                    peerEndpoint: Endpoint(host: "127.0.0.1", port: 7100 + index),
                    httpEndpoint: Endpoint(host: "127.0.0.1", port: 5100 + index))
            })
        let identity = NodeIdentity(generation: 1, doubts: [nil])
        let machine = MembershipMachine(
            blueprint: blueprint, identity: identity, view: view, random: RandomGenerator(seed: 1))
        for name in linked { _ = sent(machine, .linkChanged(NodeID(name), isUp: true)) }
        return machine
    }

    private func effects(
        _ machine: MembershipMachine, _ event: MembershipMachineEvent, atMilliseconds time: Int64 = 1
    ) -> [MembershipMachineEffect] {
        var outbox = Outbox<MembershipMachineEffect>()
        let now = Now(monotonic: Instant(nanoseconds: time * 1_000_000), wall: WallTime(microseconds: 1))
        machine.handle(event, now: now, outbox: &outbox)
        return outbox.drain()
    }

    /// - Returns: the messages that follow, without those of the strategy.
    private func sent(_ machine: MembershipMachine, _ event: MembershipMachineEvent) -> [(NodeID, MembershipMessage)] {
        effects(machine, event).compactMap { effect in
            guard case .send(let peer, let message) = effect else { return nil }
            switch message {
            case .strategy, .witness: return nil
            default: break
            }
            return (peer, message)
        }
    }

    @Test func aMemberProposesTheNewcomer() throws {
        let machine = try machine(members: ["A", "B"], linked: ["A"])
        let messages = sent(machine, .message(from: NodeID("F"), .joinRequest(newcomer)))
        #expect(messages.count == 1)
        guard case .propose(_, let view) = try #require(messages.first).1 else {
            Issue.record("nothing was proposed: \(messages)")
            return
        }
        #expect(view.member(NodeID("F"))?.status == .joining)
    }

    /// Its proposal would get no votes: members keep no links to it.
    @Test func aNodeThatHasLeftPassesTheRequestOn() throws {
        let machine = try machine(members: ["A", "C"], linked: ["C"])
        let messages = sent(machine, .message(from: NodeID("F"), .joinRequest(newcomer)))
        #expect(messages.map(\.0) == [NodeID("C")])
        #expect(messages.first?.1 == .joinRequest(newcomer))
    }

    @Test func oneThatReachesNobodySaysSo() throws {
        let machine = try machine(members: ["A", "C"], linked: [])
        let messages = sent(machine, .message(from: NodeID("F"), .joinRequest(newcomer)))
        #expect(messages.map(\.0) == [NodeID("F")])
        guard case .changeRefused(let reason) = try #require(messages.first).1 else {
            Issue.record("it was not refused: \(messages)")
            return
        }
        #expect(reason.contains("B is not a member any more"))
    }

    /// The request that came by way of another is answered to the newcomer.
    @Test func aRequestThatWasPassedOnIsTheNewcomers() throws {
        let machine = try machine(members: ["A", "B"], linked: [])
        let messages = sent(machine, .message(from: NodeID("E"), .joinRequest(newcomer)))
        #expect(messages.map(\.0) == [NodeID("F")])
    }

    // MARK: Views

    private func epochToPersist(_ effects: [MembershipMachineEffect]) -> Epoch? {
        for case .persistView(let view) in effects { return view.epoch }
        return nil
    }

    private func errors(_ effects: [MembershipMachineEffect]) -> Int {
        effects.count { if case .log(let entry) = $0 { "\(entry)".hasPrefix("error") } else { false } }
    }

    private func isPublished(_ effects: [MembershipMachineEffect]) -> Bool {
        effects.contains { if case .publish = $0 { true } else { false } }
    }

    /// A disk that was full when the view was chosen: nobody tells of the view again.
    @Test func aViewThatCouldNotBeMadeDurableIsTriedAgain() throws {
        let machine = try machine(members: ["A", "B"], linked: ["A"])
        let next = View(epoch: Epoch(8), members: machine.view.members)
        machine.adopt(next)
        let failed = effects(machine, .viewPersisted(Epoch(8), failure: "no space"))
        #expect(errors(failed) == 1 && machine.view.epoch == Epoch(7))
        let reason = machine.inspection(now: Now(monotonic: Instant(nanoseconds: 2), wall: WallTime(microseconds: 1)))
            .notReadyReason
        #expect(reason == "the view of epoch 8 could not be made durable: no space")

        #expect(epochToPersist(effects(machine, .timer(.tick), atMilliseconds: 500)) == nil)
        #expect(epochToPersist(effects(machine, .timer(.tick), atMilliseconds: 1500)) == Epoch(8))
        let again = effects(machine, .viewPersisted(Epoch(8), failure: "no space"), atMilliseconds: 1600)
        #expect(errors(again) == 0, "the same failure is said once")

        #expect(epochToPersist(effects(machine, .timer(.tick), atMilliseconds: 3000)) == Epoch(8))
        let done = effects(machine, .viewPersisted(Epoch(8), failure: nil), atMilliseconds: 3100)
        #expect(isPublished(done) && machine.view.epoch == Epoch(8))
        #expect(epochToPersist(effects(machine, .timer(.tick), atMilliseconds: 9000)) == nil)
    }

    /// A later view takes its place.
    @Test func aLaterViewEndsTheTrying() throws {
        let machine = try machine(members: ["A", "B"], linked: ["A"])
        machine.adopt(View(epoch: Epoch(8), members: machine.view.members))
        _ = effects(machine, .viewPersisted(Epoch(8), failure: "no space"))
        machine.adopt(View(epoch: Epoch(9), members: machine.view.members))
        _ = effects(machine, .viewPersisted(Epoch(9), failure: nil))
        #expect(machine.view.epoch == Epoch(9))
        #expect(epochToPersist(effects(machine, .timer(.tick), atMilliseconds: 5000)) == nil)
    }
}
