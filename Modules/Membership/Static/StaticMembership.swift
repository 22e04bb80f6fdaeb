public import StatorCore

/// The members that the configuration lists, all of them taken as alive; nothing is ever sent.
///
/// Choose it for a cluster whose members never change and whose failures something else watches, and as the control
/// in experiments: what it costs is what everything else costs.
///
/// A view that this node was part of choosing still replaces the one held, as the seam demands, but no other node is
/// told: hence neither ``MembershipGuarantees/convergesViews`` nor ``MembershipGuarantees/acceptsChanges``. It never
/// suspects anyone, so it gives ``MembershipGuarantees/forgivesSlowness`` trivially and cannot give
/// ``MembershipGuarantees/detectsFailures``.
///
/// O(1) an event, O(members) memory and O(members) a report.
public final class StaticMembership: MembershipProtocol {
    public typealias Settings = NoSettings

    public static let kind = "static"
    public static let summary =
        "Members as configured, all taken as alive; sends nothing. For fixed clusters and as a control."
    public static let guarantees: Set<Guarantee> = [MembershipGuarantees.forgivesSlowness]

    public private(set) var refusedMessages = 0
    private let node: NodeID
    private let generation: UInt64
    private var view: View

    public init(settings: NoSettings, environment: MembershipEnvironment) {
        node = environment.node
        generation = environment.generation
        view = environment.view
    }

    public func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        switch event {
        case .started, .timer: break
        case .message: refusedMessages += 1
        case .viewChosen(let chosen):
            if chosen.epoch > view.epoch { view = chosen }
        }
    }

    /// Of other members nothing is known: their generation and heartbeat are 0.
    public func reports(now: Now) -> [MemberReport] {
        view.members.map { member in
            MemberReport(
                member: member, liveness: .alive, generation: member.node == node ? generation : 0, heartbeat: 0,
                phi: nil, lastHeard: nil)
        }
    }
}
