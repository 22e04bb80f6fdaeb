import Membership
import StatorCore
import Testing

@testable import ConformanceKit

/// Gossip in the laws' network, under faults that the laws leave open.
@Suite struct GossipNetworkTests {
    private func settled(_ count: Int, seed: UInt64, loss: Double) -> MembershipLawNetwork {
        let scenarios = MembershipLawScenarios(kind: "gossip", seed: seed, bounds: MembershipLawBounds()) {
            GossipMembership(settings: GossipSettings(), environment: $0)
        }
        var faults = MembershipLawNetwork.Faults.harsh
        faults.loss = loss
        return scenarios.settledNetwork(of: count, purpose: 99, faults: faults)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func noLivingMemberIsTakenForDeadAtThirtyPercentLoss(seed: UInt64) {
        let network = settled(8, seed: seed, loss: 0.3)
        network.run(for: .seconds(120))
        for node in network.nodes { #expect(node.everDead.isEmpty, "\(node.node), seed \(seed)") }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func aLinkCutOneWayIsGossipedAround(seed: UInt64) {
        let network = settled(7, seed: seed, loss: 0.2)
        network.cut(from: 0, to: 1)
        network.cut(from: 2, to: 3)
        network.cut(from: 3, to: 2)
        network.run(for: .seconds(90))
        for node in network.nodes { #expect(node.everDead.isEmpty, "\(node.node), seed \(seed)") }
    }

    @Test func aDeafMemberStaysAliveToOthersWhichAreDeadToIt() {
        let network = settled(6, seed: 8, loss: 0.1)
        for other in 1..<6 { network.cut(from: other, to: 0) }
        network.run(for: .seconds(40))
        for other in 1..<6 {
            #expect(network.nodes[0].liveness(of: network.nodes[other].node) == .dead)
            #expect(network.nodes[other].everDead.isEmpty)
        }
    }

    @Test func aWipedMemberWhoseGenerationStartsOverIsHeardAgain() {
        let network = settled(5, seed: 6, loss: 0.2)
        network.stop(2)
        network.run(for: .seconds(30))
        network.start(2)
        network.run(for: .seconds(20))
        network.stop(2)
        network.forgetGeneration(of: 2)
        network.run(for: .seconds(30))
        network.start(2)
        let isBack = network.run(for: .seconds(20)) {
            network.nodes.allSatisfy { $0.liveness(of: network.nodes[2].node) == .alive }
        }
        #expect(isBack)
        #expect(network.reports(of: 0)[2].generation > 2)
    }
}
