internal import Composition
internal import Simulation
package import StatorCore

/// A fault at a set time: an element of `faults.schedule`. An experiment that asks what one outage does has one of
/// these; the drawn faults of ``FaultSettings`` are for runs that are to meet everything.
package struct ScheduledFault: StrategySettings, Hashable {
    package enum Kind: String, CaseIterable, Sendable {
        case crash, stop, pause, wipe
        /// The node reaches nobody, and nobody reaches it.
        case isolate
        case slowNode = "slow-node"
        case loss
        case clockStep = "clock-step"
        case join, leave
    }

    package var kind = Kind.crash
    package var node = ""
    package var at: Duration = .zero
    package var length: Duration = .milliseconds(5000)
    package var factor = 10.0
    package var loss = 0.1
    package var step = 1000

    package init() {}

    package static let required = ["kind"]

    package static var fields: [SettingField<ScheduledFault>] {
        [
            .choice("kind", \.kind, "what happens"),
            .text("node", \.node, maximumLength: 64, "to which node it happens; `loss` happens to all"),
            .milliseconds(
                "atMilliseconds", \.at, 0...(30 * 24 * 3600 * 1000), "when, from the beginning of the safety phase"),
            .milliseconds(
                "forMilliseconds", \.length, 1...(30 * 24 * 3600 * 1000),
                "how long; not of `clock-step`, `join` and `leave`"),
            .number("factor", \.factor, 1...10_000, "how many times as long messages of a `slow-node` take"),
            .number("loss", \.loss, 0...1, "the share of messages that `loss` loses"),
            .integer(
                "stepMilliseconds", \.step, -(365 * 24 * 3600 * 1000)...(365 * 24 * 3600 * 1000),
                "how far `clock-step` takes the wall clock from true time"),
        ]
    }

    /// - Parameter number: the node's.
    func fault(_ number: Int) -> FaultKind {
        switch kind {
        case .crash: .crash(number)
        case .stop: .stop(number)
        case .pause: .pause(number)
        case .wipe: .wipe(number)
        case .isolate: .partition(.isolate(number), flapMilliseconds: 0)
        case .slowNode: .slowNode(number, factor: factor)
        case .loss: .lossBurst(loss: loss, duplication: 0, reordering: 0)
        case .clockStep: .clockStep(number, milliseconds: step, isMomentary: false)
        case .join, .leave: .membershipChange(number)
        }
    }
}

extension SimulationFile {
    /// Whether any fault, drawn or scheduled, is of these kinds.
    private func schedules(_ kinds: ScheduledFault.Kind...) -> Bool { schedule.contains { kinds.contains($0.kind) } }

    package var changesRing: Bool { faults.changesRing || schedules(.join, .leave) }
    package var onlyChangesRing: Bool {
        changesRing && (faults.onlyChangesRing || !faults.hasAny)
            && schedule.allSatisfy { [.join, .leave].contains($0.kind) }
    }
    package var losesDisks: Bool { faults.losesDisks || schedules(.wipe) }
    package var crashes: Bool { faults.crashes + faults.wipes > 0 || schedules(.crash, .wipe) }

    /// The nodes that are wiped at set times, sorted.
    var scheduledVictims: [Int] {
        let wiped = Set(schedule.filter { $0.kind == .wipe }.map(\.node))
        return configurations.indices.filter { wiped.contains(configurations[$0].nodeID.name) }
    }
}
