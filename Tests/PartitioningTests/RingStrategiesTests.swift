import Hashing
import StatorCore
import Testing

@testable import Partitioning

@Suite struct RingStrategiesTests {
    @Test func aSingleTokenRingPlacesNodesByTheHashOfTheirNames() {
        let members = members("alpha", "beta", "gamma")
        for (hash, placement) in [
            (
                HashFunction.md5,
                MD5Ring(settings: .init()).placement(members: members, replicas: 2, fallbacks: 1, previous: nil)
            ),
            (
                .xxh3,
                XXHashRing(settings: .init()).placement(members: members, replicas: 2, fallbacks: 1, previous: nil)
            ),
        ] {
            #expect(placement.rangeCount == 4)
            for member in members {
                let token = hash.token(of: member.node.name)
                #expect(placement.preferenceList(for: token).first == member.node)
                let after = placement.preferenceList(for: Token(token.value &+ 1))
                #expect(after.first != member.node)
                #expect(after.last == member.node, "its own range is the farthest from the token after it")
            }
        }
    }

    @Test func tokensPerNodeAndWeightMultiplyRanges() {
        var settings = VNodeRing.Settings()
        settings.tokensPerNode = 10
        let ring = VNodeRing(settings: settings)
        let members = [member("a", weight: 1), member("b", weight: 3)]
        let placement = ring.placement(members: members, replicas: 2, fallbacks: 0, previous: nil)
        #expect(placement.rangeCount == 41)
    }

    @Test func extremeWeightsStayWithinTheTokenLimit() {
        var settings = VNodeRing.Settings()
        settings.tokensPerNode = 1024
        let members = (0..<16).map { member("n\(10 + $0)", weight: $0 == 0 ? 1 : 1000) }
        let counts = VNodeRing(settings: settings).tokenCounts(of: members)
        #expect(counts.reduce(0, +) <= VNodeRing.maximumTokens)
        #expect(counts.reduce(0, +) > VNodeRing.maximumTokens / 4)
        #expect(counts[0] >= 1)
        #expect(Set(counts.dropFirst()).count == 1)
    }

    @Test func oneNodeOwnsEverything() {
        let placement = VNodeRing(settings: .init())
            .placement(members: [member("only")], replicas: 3, fallbacks: 3, previous: nil)
        #expect(placement.replicaCount == 1)
        #expect(placement.replicaRanges(of: NodeID("only")) == [.full])
    }

    @Test func theHashIsASetting() {
        var settings = VNodeRing.Settings()
        settings.hash = .murmur3
        #expect(VNodeRing(settings: settings).hash == .murmur3)
        #expect(VNodeRing(settings: .init()).hash == .xxh3)
        #expect(MD5Ring(settings: .init()).hash == .md5)
        #expect(XXHashRing(settings: .init()).hash == .xxh3)
    }

    /// Against a separate implementation. Placements are never sent: a change of these figures would leave nodes of two versions disagreeing.
    @Test func placementsStayWhatTheyWere() {
        let members = [member("a", zone: "x"), member("b", zone: "y"), member("c", zone: "x", weight: 2)]
        let vnodes = VNodeRing(settings: .init()).placement(members: members, replicas: 2, fallbacks: 1, previous: nil)
        let single = XXHashRing(settings: .init()).placement(members: members, replicas: 2, fallbacks: 1, previous: nil)
        #expect(fingerprint(vnodes) == 0xFB52_41FB_29C3_EC12)
        #expect(fingerprint(single) == 0x2FA5_5929_1487_ABC2)
    }

    /// FNV-1a over boundaries and owners' names.
    private func fingerprint(_ placement: Placement) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for index in 0..<placement.rangeCount {
            for shift in 0..<8 {
                mix(UInt8(truncatingIfNeeded: placement.range(at: index).last.value >> UInt64(8 * shift)))
            }
            for node in placement.preferenceList(at: index) { node.name.utf8.forEach(mix) }
        }
        return hash
    }
}
