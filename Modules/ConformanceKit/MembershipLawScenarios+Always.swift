import Membership
import NIOCore
import StatorCore

/// The laws that no strategy may deny.
extension MembershipLawScenarios {
    func checkDeterminism() throws {
        func fingerprint() -> UInt64 {
            let network = settledNetwork(of: 6, purpose: 10, faults: .harsh)
            let view = network.nodes[0].view
            network.choose(View(epoch: view.epoch.next, members: view.members), at: 0)
            network.stop(1)
            network.run(for: .seconds(15))
            network.start(1)
            network.run(for: .seconds(5))
            return network.fingerprint
        }
        let (first, second) = (fingerprint(), fingerprint())
        guard first == second else { throw violation("determinism", "two runs of one seed differ in their effects") }
    }

    /// Crashes, restarts, a long cut and heavy loss: every node still holds the first view and learned no other.
    func checkThatFailuresChangeNoView() throws {
        var faults = MembershipLawNetwork.Faults.harsh
        faults.loss = 0.3
        let network = settledNetwork(of: 7, purpose: 11, faults: faults)
        let view = network.nodes[0].view
        network.stop(0)
        for other in 1..<7 where other != 3 { network.cut(from: 3, to: other) }
        network.run(for: bounds.detection)
        network.start(0)
        network.heal()
        network.run(for: .seconds(20))
        for node in network.nodes where node.view != view || !node.learned.isEmpty {
            throw violation(
                "failures-change-no-view", "\(node.node) learned of epoch \(node.view.epoch), none was chosen")
        }
        try checkAgreement(network)
    }

    /// Real messages cut short and with flipped bits, and random ones, from members and from strangers.
    func checkHostileBytes() throws {
        let law = "hostile-bytes"
        var random = RandomGenerator(seed: seed)
        let network = network(of: 5, purpose: 12, faults: MembershipLawNetwork.Faults())
        for index in 0..<5 { network.start(index) }
        network.keepsMessages = true
        network.run(for: .seconds(3))
        let first = network.nodes[0].view
        let chosen = View(epoch: first.epoch.next, members: first.members)
        network.choose(chosen, at: 1)
        network.run(for: .seconds(10))
        network.keepsMessages = false
        let samples = network.keptMessages
        let views = network.nodes.map(\.view)
        let before = network.nodes.map { $0.strategy?.refusedMessages ?? 0 }
        for _ in 0..<2000 {
            let sender = random.chance(0.8) ? network.nodes[random.below(5)].node : NodeID("stranger")
            network.inject(mutated(samples, &random), from: sender, to: random.below(5))
        }
        guard network.nodes.map(\.view) == views else { throw violation(law, "a mutated message changed a view") }
        for (index, node) in network.nodes.enumerated() where (node.strategy?.refusedMessages ?? 0) <= before[index] {
            throw violation(law, "\(node.node) took or forgot every mutated message: it counts none as refused")
        }
        network.run(for: bounds.forgiveness)
        guard network.nodes.map(\.view) == views else { throw violation(law, "a mutated message changed a view later") }
        try expectAllAlive(network, after: "hostile bytes", law: law)
    }

    private func mutated(_ samples: [ByteBuffer], _ random: inout RandomGenerator) -> ByteBuffer {
        if samples.isEmpty || random.chance(0.2) {
            return ByteBuffer(bytes: (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        var bytes = Array(samples[random.below(samples.count)].readableBytesView)
        if bytes.isEmpty || random.chance(0.3) { return ByteBuffer(bytes: bytes.prefix(random.below(bytes.count + 1))) }
        for _ in 0...random.below(4) { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
        return ByteBuffer(bytes: bytes)
    }

    /// A node outside the view that speaks the protocol with the same view is nobody.
    func checkStrangers() throws {
        let law = "strangers-are-ignored"
        let network = settledNetwork(of: 3, purpose: 13, faults: MembershipLawNetwork.Faults())
        let stranger = MembershipLawScenarios.member(8)
        let view = network.nodes[0].view
        network.add(stranger.node, view: View(epoch: view.epoch, members: view.members + [stranger]))
        network.start(3)
        network.run(for: bounds.detection)
        for index in 0..<3 {
            let node = network.nodes[index]
            guard node.reported[stranger.node] == nil, node.view == view else {
                throw violation(law, "\(node.node) lets \(stranger.node) in, which is in no agreed view")
            }
        }
        for index in 0..<3 {
            let unwell = network.reports(of: index).filter { $0.liveness != .alive }
            guard unwell.isEmpty else { throw violation(law, "a stranger made members look unwell: \(unwell)") }
        }
    }

    /// Views of 4,096 members with the longest names: every message fits, heartbeats and the view itself alike.
    func checkMessageSize() throws {
        let law = "bounded-messages"
        let prefix = String(repeating: "n", count: NodeID.maximumLength - 4)
        let view = MembershipLawScenarios.view(of: View.maximumMembers, prefix: prefix)
        let network = MembershipLawNetwork(seed: seed, make: make)
        for member in view.members { network.add(member.node, view: view) }
        // The others stay silent; some messages between these two are enough to see all kinds.
        for index in 0..<2 { network.start(index) }
        network.run(for: .seconds(5))
        network.choose(View(epoch: view.epoch.next, members: view.members), at: 0)
        for index in 0..<2 { feed(network, index) }
        guard network.largestMessage <= MembershipLimits.maximumMessage else {
            throw violation(
                law, "a message of \(network.largestMessage) bytes, \(MembershipLimits.maximumMessage) are allowed")
        }
    }

    /// Passes everything that the one sends to the other, whomever it was meant for.
    private func feed(_ network: MembershipLawNetwork, _ index: Int) {
        network.keepsMessages = true
        network.run(for: .seconds(2))
        for message in network.keptMessages.suffix(20) {
            network.inject(message, from: network.nodes[1 - index].node, to: index)
        }
        network.run(for: .seconds(1))
    }

    /// Bytes per node and second in settled clusters of 50 and 400 members.
    func checkTraffic() throws {
        let law = "bounded-traffic"
        func bytesPerNodeAndSecond(_ count: Int) -> Double {
            let network = network(of: count, purpose: 14, faults: MembershipLawNetwork.Faults())
            for index in 0..<count { network.start(index) }
            // From the second interval on every node gossips; a large cluster is costly to run for longer.
            network.run(for: .seconds(1))
            let before = network.bytesSent
            network.run(for: .seconds(1))
            return Double(network.bytesSent - before) / Double(count)
        }
        let (small, large) = (bytesPerNodeAndSecond(50), bytesPerNodeAndSecond(400))
        guard large <= Double(bounds.bytesPerSecond) else {
            throw violation(
                law, "\(large) bytes a second per node at 400 members, \(bounds.bytesPerSecond) are allowed")
        }
        guard large <= small * bounds.growth else {
            throw violation(law, "bytes per node grew from \(small) to \(large) between 50 and 400 members")
        }
    }
}
