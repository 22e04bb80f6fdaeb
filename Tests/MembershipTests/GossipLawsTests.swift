import ConformanceKit
import Membership
import StatorCore
import Testing

@Suite struct GossipLawsTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func keepsTheLawsItGives(seed: UInt64) throws {
        try MembershipLaws.check(kind: GossipMembership.kind, guarantees: GossipMembership.guarantees, seed: seed) {
            GossipMembership(settings: GossipSettings(), environment: $0)
        }
    }
}
