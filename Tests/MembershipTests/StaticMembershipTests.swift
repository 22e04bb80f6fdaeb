import ConformanceKit
import Membership
import NIOCore
import StatorCore
import Testing

@Suite struct StaticMembershipTests {
    @Test(arguments: [1, 2] as [UInt64])
    func keepsTheLawsItGives(seed: UInt64) throws {
        try MembershipLaws.check(kind: StaticMembership.kind, guarantees: StaticMembership.guarantees, seed: seed) {
            StaticMembership(settings: NoSettings(), environment: $0)
        }
    }
}
