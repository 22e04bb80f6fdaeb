import Membership
import Replication
import SimulationKit
import StatorCore

/// Who is dead is never taken for dead: requests wait for it, and nothing is lost.
enum DeadNeverNoticed: Plant {
    static let name = "dead-never-noticed"
    static let wrong = "A member that is down is reported alive: requests wait for it until they are given up."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.wrapMembership { TrustingMembership($0) }
    }
}

private final class TrustingMembership: PassingMembership {
    override func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        var effects = Outbox<MembershipEffect>()
        base.handle(event, now: now, outbox: &effects)
        for effect in effects.drain() {
            if case .livenessChanged(_, .dead) = effect { continue }
            outbox.append(effect)
        }
    }

    override func reports(now: Now) -> [MemberReport] {
        base.reports(now: now).map { report in
            MemberReport(
                member: report.member, liveness: .alive, generation: report.generation, heartbeat: report.heartbeat,
                phi: report.phi, lastHeard: report.lastHeard)
        }
    }
}

/// A replica says the contrary of whether a live version was there.
enum FirstWriteMistaken: Plant {
    static let name = "first-write-mistaken"
    static let wrong = "A write of a new key is answered as a replacement, and a replacement as a write of a new key."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            { _, _, message in
                guard case .writeReply(let id, .stored(let hadLive)) = message else { return message }
                return .writeReply(id, .stored(hadLive: !hadLive))
            }
        }
    }
}

/// Nobody streams: a change of the ring that is agreed on never takes place.
enum ChangeNeverEnds: Plant {
    static let name = "change-never-ends"
    static let wrong = "Owners do not answer who asks for a range: a node that was let in never owns what it gains."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 1

    static func plant(in options: inout RunOptions) {
        options.interpose = {
            { _, _, message in
                // The first start asks as well, in the first epoch.
                if case .transfer(let request) = message, request.epoch > Epoch(1) { return nil }
                return message
            }
        }
    }
}
