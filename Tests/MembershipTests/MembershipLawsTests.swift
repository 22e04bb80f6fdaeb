import ConformanceKit
import Membership
import NIOCore
import StatorCore
import Testing

/// The kit itself: does it catch strategies that break a law or misstate their guarantees?
@Suite struct MembershipLawsTests {
    private func law(
        brokenBy make: (MembershipEnvironment) -> any MembershipProtocol, guarantees: Set<Guarantee>
    ) -> String? {
        do {
            try MembershipLaws.check(kind: "test", guarantees: guarantees, seed: 1, make: make)
            return nil
        } catch {
            return (error as? LawViolation)?.law
        }
    }

    @Test func aClaimThatDoesNotHoldIsCaught() {
        for claim in [
            MembershipGuarantees.convergesViews, MembershipGuarantees.detectsFailures,
            MembershipGuarantees.acceptsChanges,
        ] {
            let found = law(
                brokenBy: { StaticMembership(settings: NoSettings(), environment: $0) },
                guarantees: StaticMembership.guarantees.union([claim]))
            #expect(found == claim.name)
        }
    }

    @Test func aDenialWithoutACounterExampleIsCaught() {
        let found = law(
            brokenBy: { StaticMembership(settings: NoSettings(), environment: $0) }, guarantees: [])
        #expect(found == MembershipGuarantees.forgivesSlowness.name)
    }

    @Test func oversizedMessagesAreCaught() {
        #expect(law(brokenBy: { Misbehaving(.oversized, $0) }, guarantees: []) == "bounded-messages")
    }

    @Test func believingAnyBytesIsCaught() {
        #expect(law(brokenBy: { Misbehaving(.gullible, $0) }, guarantees: []) == "hostile-bytes")
    }

    @Test func aReportThatContradictsTheEffectsIsCaught() {
        #expect(law(brokenBy: { Misbehaving(.contradictory, $0) }, guarantees: []) == "reports-agree")
    }
}

/// Static membership with one fault built in.
private final class Misbehaving: MembershipProtocol {
    typealias Settings = NoSettings
    enum Fault { case oversized, gullible, contradictory }

    static let kind = "misbehaving"
    static let summary = "For tests."
    static let guarantees: Set<Guarantee> = []

    private let fault: Fault
    private let inner: StaticMembership
    private var view: View

    convenience init(settings: NoSettings, environment: MembershipEnvironment) { self.init(.oversized, environment) }

    init(_ fault: Fault, _ environment: MembershipEnvironment) {
        self.fault = fault
        view = environment.view
        inner = StaticMembership(settings: NoSettings(), environment: environment)
    }

    var refusedMessages: Int { inner.refusedMessages }

    func reports(now: Now) -> [MemberReport] { inner.reports(now: now) }

    func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {
        inner.handle(event, now: now, outbox: &outbox)
        switch (fault, event) {
        case (.oversized, .started):
            guard let peer = view.members.last else { return }
            let size = view.members.count > 1000 ? 70_000 : 10
            outbox.append(.send(to: peer.node, bytes: ByteBuffer(repeating: 1, count: size)))
        case (.gullible, .message):
            view = View(epoch: view.epoch.next, members: view.members)
            outbox.append(.viewLearned(view))
        case (.contradictory, .started):
            guard let peer = view.members.last else { return }
            outbox.append(.livenessChanged(peer.node, .dead))
        default: break
        }
    }
}
