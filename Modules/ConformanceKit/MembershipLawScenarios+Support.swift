import Membership
import StatorCore

extension MembershipLawNetwork.Faults {
    static let harsh = MembershipLawNetwork.Faults(loss: 0.25, duplication: 0.1, longestDelay: .milliseconds(200))
}

extension MembershipLawScenarios {
    static func member(_ index: Int, prefix: String = "node-") -> Member {
        let digits = String(index)
        let name = prefix + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Member(
            node: NodeID(name), status: .active, zone: "zone-\(index % 3)", weight: 1,
            peerEndpoint: Endpoint(host: "10.0.0.1", port: 7000 + index),
            httpEndpoint: Endpoint(host: "10.0.0.1", port: 5000 + index))
    }

    static func view(of count: Int, prefix: String = "node-") -> View {
        View(epoch: Epoch(1), members: (0..<count).map { member($0, prefix: prefix) })
    }

    /// - Parameter purpose: sets the scenario's random choices apart from those of others.
    func network(of count: Int, purpose: UInt64, faults: MembershipLawNetwork.Faults) -> MembershipLawNetwork {
        let network = MembershipLawNetwork(seed: seed &+ purpose &* 0x9E37_79B9_7F4A_7C15, make: make)
        network.faults = faults
        let view = MembershipLawScenarios.view(of: count)
        for member in view.members { network.add(member.node, view: view) }
        return network
    }

    /// All started, and ten seconds gone by.
    func settledNetwork(of count: Int, purpose: UInt64, faults: MembershipLawNetwork.Faults) -> MembershipLawNetwork {
        let network = network(of: count, purpose: purpose, faults: faults)
        for index in 0..<count { network.start(index) }
        network.run(for: .seconds(10))
        return network
    }

    /// Runs until all of `watchers` report `member` dead (or not), within the bound.
    func expect(_ member: NodeID, dead: Bool, in network: MembershipLawNetwork, by watchers: [Int], law: String) throws
    {
        func wrong() -> [Int] {
            watchers.filter { (network.nodes[$0].liveness(of: member) == .dead) != dead }
        }
        guard network.run(for: bounds.detection, until: { wrong().isEmpty }) else {
            let names = wrong().map { network.nodes[$0].node.name }
            throw violation(law, "after \(bounds.detection) \(names) do not report \(member) dead")
        }
    }

    /// Runs until these nodes hold the view, within the bound.
    func expect(_ view: View, in network: MembershipLawNetwork, at indices: [Int], law: String) throws {
        let isDone = network.run(for: bounds.convergence) { indices.allSatisfy { network.nodes[$0].view == view } }
        guard isDone else {
            let behind = indices.filter { network.nodes[$0].view != view }.map { network.nodes[$0].node.name }
            throw violation(law, "after \(bounds.convergence) epoch \(view.epoch) has not reached \(behind)")
        }
    }

    /// Runs until everyone reports everyone alive, within the bound.
    func expectAllAlive(_ network: MembershipLawNetwork, after event: String, law: String) throws {
        func unwell(_ index: Int) -> [MemberReport] {
            network.reports(of: index).filter { $0.liveness != .alive }
        }
        let isDone = network.run(for: bounds.forgiveness) { network.nodes.indices.allSatisfy { unwell($0).isEmpty } }
        guard isDone else {
            let findings = network.nodes.indices.flatMap { index in
                unwell(index).map { "\($0.member.node) is \($0.liveness) to \(network.nodes[index].node)" }
            }
            throw violation(law, "\(bounds.forgiveness) after \(event) \(findings.joined(separator: ", "))")
        }
        try checkAgreement(network)
    }

    /// Reports list the members of the view held, sorted, and agree with the effects.
    func checkAgreement(_ network: MembershipLawNetwork) throws {
        let law = "reports-agree"
        for (index, node) in network.nodes.enumerated() where node.strategy != nil && !node.isPaused {
            let reports = network.reports(of: index)
            guard reports.map(\.member) == node.view.members else {
                throw violation(law, "the reports of \(node.node) do not list the members of epoch \(node.view.epoch)")
            }
            for report in reports where report.liveness != node.liveness(of: report.member.node) {
                throw violation(
                    law, "\(node.node) reports \(report.member.node) \(report.liveness), its effects say otherwise")
            }
        }
    }
}
