import Partitioning
import StatorCore
import Testing

@Suite struct PlacementTests {
    /// Four ranges over nodes a, b, c: N=2, F=1.
    private let placement = Placement(
        members: [member("a", zone: "x"), member("b", zone: "y"), member("c", zone: "x")], replicas: 2,
        assignments: [
            .init(last: Token(99), owners: [0, 1, 2]),
            .init(last: Token(199), owners: [1, 2, 0]),
            .init(last: Token(299), owners: [2, 1, 0]),
            .init(last: .maximum, owners: [0, 1, 2]),
        ])

    @Test func rangesCoverTheTokenSpace() {
        #expect(placement.rangeCount == 4)
        #expect(placement.range(at: 0) == TokenRange(first: Token(0), last: Token(99)))
        #expect(placement.range(at: 1) == TokenRange(first: Token(100), last: Token(199)))
        #expect(placement.range(at: 3) == TokenRange(first: Token(300), last: .maximum))
    }

    @Test(
        arguments: [(0, 0), (99, 0), (100, 1), (199, 1), (200, 2), (299, 2), (300, 3), (UInt64.max, 3)]
            as [(UInt64, Int)])
    func bothEndsOfARangeBelongToIt(token: UInt64, index: Int) {
        #expect(placement.rangeIndex(of: Token(token)) == index)
    }

    @Test func preferenceListSplitsIntoReplicasAndFallbacks() {
        let list = placement.preferenceList(for: Token(150))
        #expect(list.map(\.name) == ["b", "c", "a"])
        #expect(list.replicas.map(\.name) == ["b", "c"])
        #expect(list.fallbacks.map(\.name) == ["a"])
        #expect(list.zone(at: 0) == "y")
        #expect(placement.isReplica(NodeID("c"), for: Token(150)))
        #expect(!placement.isReplica(NodeID("a"), for: Token(150)))
        #expect(!placement.isReplica(NodeID("stranger"), for: Token(150)))
    }

    @Test func adjacentReplicaRangesAreJoined() {
        #expect(
            placement.replicaRanges(of: NodeID("a")) == [
                TokenRange(first: Token(0), last: Token(99)), TokenRange(first: Token(300), last: .maximum),
            ])
        #expect(placement.replicaRanges(of: NodeID("b")) == [.full])
        #expect(
            placement.sharedRanges(NodeID("b"), NodeID("c")) == [TokenRange(first: Token(100), last: Token(299))])
        #expect(placement.replicaRanges(of: NodeID("stranger")).isEmpty)
    }

    @Test func sharesAddUp() {
        #expect(abs(placement.primaryShares().reduce(0, +) - 1) < 1e-9)
        #expect(abs(placement.replicaShares().reduce(0, +) - 2) < 1e-9)
    }

    @Test func standInOfTheSameZoneComesFirst() {
        let members = [
            member("a", zone: "x"), member("b", zone: "y"), member("c", zone: "y"), member("d", zone: "z"),
            member("e", zone: "x"),
        ]
        let placement = Placement(
            members: members, replicas: 2, assignments: [.init(last: .maximum, owners: [0, 1, 3, 4, 2])])
        let list = placement.preferenceList(for: .minimum)
        #expect(list.standIns(for: NodeID("a")).map(\.name) == ["e", "d", "c"])
        #expect(list.standIns(for: NodeID("b")).map(\.name) == ["c", "d", "e"])
        #expect(list.standIns(for: NodeID("stranger")).map(\.name) == ["d", "e", "c"])
    }

    @Test func placementsOfEqualContentAreEqual() {
        let members = [member("a"), member("b")]
        func make(_ owners: [UInt16]) -> Placement {
            Placement(members: members, replicas: 1, lastTokens: [7, .max], owners: owners)
        }
        #expect(make([0, 1, 1, 0]) == make([0, 1, 1, 0]))
        #expect(make([0, 1, 1, 0]) != make([0, 1, 0, 1]))
    }

    @Test func lookUpAgreesWithLinearSearchOnCrowdedTokens() {
        // Everything within one slice of the look-up table, then nothing, then single tokens at the very end.
        var generator = RandomGenerator(seed: 5)
        var lasts: [UInt64] = [0, 1, 2, 3, 1000, 1001, .max - 3, .max - 2, .max - 1, .max]
        for _ in 0..<500 { lasts.append(generator.next() >> 30) }
        lasts = Array(Set(lasts)).sorted()
        let placement = Placement(
            members: [member("a")], replicas: 1, lastTokens: lasts, owners: Array(repeating: 0, count: lasts.count))
        for (index, last) in lasts.enumerated() {
            #expect(placement.rangeIndex(of: Token(last)) == index)
            #expect(placement.rangeIndex(of: placement.range(at: index).first) == index)
        }
    }

    @Test func brokenTablesAreRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = Placement(members: [member("a")], replicas: 1, lastTokens: [5], owners: [0])
        }
        await #expect(processExitsWith: .failure) {
            _ = Placement(members: [member("a")], replicas: 1, lastTokens: [5, 5, .max], owners: [0, 0, 0])
        }
        await #expect(processExitsWith: .failure) {
            _ = Placement(members: [member("a"), member("b")], replicas: 2, lastTokens: [.max], owners: [0, 0])
        }
        await #expect(processExitsWith: .failure) {
            _ = Placement(members: [member("a")], replicas: 1, lastTokens: [.max], owners: [1])
        }
    }
}
