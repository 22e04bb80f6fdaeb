import Membership
import SimulationKit
import StatorCore

/// Who was dead stays dead.
enum DeadForever: Plant {
    static let name = "dead-for-ever"
    static let wrong = "A member that was reported dead is never reported alive again."
    static let caughtBy = ["run"]
    static let scenario = Scenario.outages
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.wrapMembership { UnforgivingMembership($0) }
    }
}

private final class UnforgivingMembership: PassingMembership {
    private var dead: Set<NodeID> = []

    override func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        var effects = Outbox<MembershipEffect>()
        base.handle(event, now: now, outbox: &effects)
        for effect in effects.drain() {
            if case .livenessChanged(let node, let liveness) = effect {
                if liveness == .dead { dead.insert(node) } else if dead.contains(node) { continue }
            }
            outbox.append(effect)
        }
    }

    override func reports(now: Now) -> [MemberReport] {
        base.reports(now: now).map { report in
            MemberReport(
                member: report.member, liveness: dead.contains(report.member.node) ? .dead : report.liveness,
                generation: report.generation, heartbeat: report.heartbeat, phi: report.phi,
                lastHeard: report.lastHeard)
        }
    }
}

/// The second step of a ring change is taken with the first.
enum RingSwitchedTooEarly: Plant {
    static let name = "ring-switched-too-early"
    static let wrong = "A ring change is taken as complete before the new owners have confirmed: old ones drop early."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.membership
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapMembership { HastyMembership($0) }
    }
}

private final class HastyMembership: PassingMembership {
    override func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        base.handle(event, now: now, outbox: &outbox)
        guard case .viewChosen(let view) = event, view.isChanging else { return }
        let members = view.nextOwners.map { member in
            var member = member
            member.status = .active
            return member
        }
        outbox.append(.viewLearned(View(epoch: view.epoch.next, members: members)))
    }
}
