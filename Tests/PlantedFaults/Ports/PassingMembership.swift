import Membership
import StatorCore

/// A membership strategy that does what its base does: plants override what they spoil.
class PassingMembership: MembershipProtocol {
    typealias Settings = NoSettings
    static let kind = "passing"
    static let summary = "Another membership strategy, passed on."
    static let guarantees: Set<Guarantee> = []

    let base: any MembershipProtocol

    init(_ base: any MembershipProtocol) {
        self.base = base
    }

    /// - Precondition: never called; a wrapper is made from its base.
    required init(settings: NoSettings, environment: MembershipEnvironment) {
        preconditionFailure("a wrapper is made from its base")
    }

    func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        base.handle(event, now: now, outbox: &outbox)
    }

    func reports(now: Now) -> [MemberReport] { base.reports(now: now) }

    var refusedMessages: Int { base.refusedMessages }
}
