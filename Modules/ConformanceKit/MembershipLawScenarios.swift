import Membership
import StatorCore

/// The scenarios that ``MembershipLaws`` runs. Each one throws a ``LawViolation`` when its law does not hold.
struct MembershipLawScenarios {
    let kind: String
    let seed: UInt64
    let bounds: MembershipLawBounds
    let make: MembershipLawNetwork.Make

    /// Runs the scenario of a denied guarantee: it has to fail.
    func expectCounterExample(to guarantee: Guarantee, _ law: () throws -> Void) throws {
        do {
            try law()
        } catch let violation as LawViolation where violation.law == guarantee.name {
            return
        }
        throw violation(guarantee.name, "it is denied, but the scenario that should show why holds")
    }

    func violation(_ law: String, _ finding: String) -> LawViolation {
        LawViolation(kind: kind, law: law, finding: finding, seed: seed)
    }

    // MARK: - Given or denied

    /// Two views, chosen one after the other at different members, under loss, duplication and reordering.
    func checkConvergence() throws {
        let law = MembershipGuarantees.convergesViews.name
        let network = settledNetwork(of: 9, purpose: 1, faults: .harsh)
        var chosen = network.nodes[0].view
        for chooser in [4, 7] {
            chosen = View(
                epoch: chosen.epoch.next,
                members: chosen.members.map { member in
                    var changed = member
                    changed.weight += 1
                    return changed
                })
            network.choose(chosen, at: chooser)
            let isDone = network.run(for: bounds.convergence) { network.nodes.allSatisfy { $0.view == chosen } }
            guard isDone else {
                let behind = network.nodes.filter { $0.view != chosen }.map(\.node.name)
                throw violation(law, "after \(bounds.convergence) epoch \(chosen.epoch) has not reached \(behind)")
            }
        }
        try checkAgreement(network)
    }

    /// One member stops and one never started; first without loss, where nobody else may be declared dead, then with.
    func checkDetection() throws {
        let law = MembershipGuarantees.detectsFailures.name
        for faults in [MembershipLawNetwork.Faults(), .harsh] {
            let network = network(of: 9, purpose: 2, faults: faults)
            for index in 0..<8 { network.start(index) }
            let (stopped, silent) = (network.nodes[3].node, network.nodes[8].node)
            try expect(silent, dead: true, in: network, by: [0, 1, 2, 4, 5, 6, 7], law: law)
            network.run(for: .seconds(10))
            network.stop(3)
            try expect(stopped, dead: true, in: network, by: [0, 1, 2, 4, 5, 6, 7], law: law)
            network.run(for: .seconds(10))
            if faults.loss == 0 {
                for node in network.nodes {
                    let wrong = node.everDead.subtracting([stopped, silent]).sorted()
                    guard wrong.isEmpty else { throw violation(law, "\(node.node) took \(wrong) for dead, which ran") }
                }
            }
            try checkAgreement(network)
        }
    }

    /// A pause, a restart and a partition: whoever comes back is alive to everyone again, and everyone to it.
    func checkForgiveness() throws {
        let law = MembershipGuarantees.forgivesSlowness.name
        let network = settledNetwork(of: 9, purpose: 3, faults: MembershipLawNetwork.Faults())
        network.pause(2)
        network.run(for: bounds.detection)
        network.resume(2)
        try expectAllAlive(network, after: "a pause", law: law)
        network.stop(5)
        network.run(for: bounds.detection)
        network.start(5)
        try expectAllAlive(network, after: "a restart", law: law)
        for left in 0..<4 {
            for right in 4..<9 {
                network.cut(from: left, to: right)
                network.cut(from: right, to: left)
            }
        }
        network.run(for: bounds.detection)
        network.heal()
        try expectAllAlive(network, after: "a partition", law: law)
    }

    /// A node comes in and another goes, each view chosen at one member.
    func checkChanges() throws {
        let law = MembershipGuarantees.acceptsChanges.name
        let network = settledNetwork(of: 5, purpose: 4, faults: MembershipLawNetwork.Faults())
        let old = network.nodes[0].view
        let joiner = MembershipLawScenarios.member(5)
        network.add(joiner.node, view: old)
        network.start(5)
        network.run(for: .seconds(5))
        let grown = View(epoch: old.epoch.next, members: old.members + [joiner])
        network.choose(grown, at: 0)
        try expect(grown, in: network, at: Array(0..<6), law: law)
        try expectAllAlive(network, after: "a join", law: law)
        let shrunk = View(epoch: grown.epoch.next, members: grown.members.filter { $0.node != network.nodes[1].node })
        network.choose(shrunk, at: 2)
        // The one that left has to hear of it as well.
        try expect(shrunk, in: network, at: Array(0..<6), law: law)
        network.run(for: bounds.detection)
        for index in [0, 2, 3, 4, 5] {
            let unwell = network.reports(of: index).filter { $0.liveness != .alive }.map(\.member.node.name)
            guard unwell.isEmpty else { throw violation(law, "after a leave \(unwell) are not alive to node \(index)") }
        }
        try checkAgreement(network)
    }
}
