import Hashing
import StatorCore
import Testing

@testable import Partitioning

/// The shared ring against a walk written as its definition says.
@Suite struct RingTests {
    /// Walks the ring clockwise from `token`, one position at a time.
    private func walked(
        from token: UInt64, _ positions: [TokenRing.Position], _ members: [Member], replicas: Int, fallbacks: Int
    ) -> [NodeID] {
        let start = positions.firstIndex { $0.token >= token } ?? 0
        var met: [Int] = []
        for step in positions.indices {
            let owner = Int(positions[(start + step) % positions.count].owner)
            if !met.contains(owner) { met.append(owner) }
        }
        var chosen: [Int] = []
        var zones: [String] = []
        for owner in met where chosen.count < replicas && !zones.contains(members[owner].zone) {
            chosen.append(owner)
            zones.append(members[owner].zone)
        }
        let rest = met.filter { !chosen.contains($0) }
        return (chosen + rest).prefix(replicas + fallbacks).map { members[$0].node }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func compiledListsAreThoseOfAClockwiseWalk(seed: UInt64) {
        var generator = RandomGenerator(seed: seed)
        let count = 1 + generator.below(12)
        let members = drawnMembers(count, zones: 1 + generator.below(5), &generator)
        // Few distinct tokens, so that collisions, the least and the greatest token all occur.
        let space: [UInt64] =
            [0, 1, 2, 50, 51, 1 << 40, 1 << 63, .max - 1, .max] + (0..<20).map { _ in generator.next() }
        var positions: [TokenRing.Position] = []
        for owner in 0..<count {
            for _ in 0..<(1 + generator.below(4)) {
                positions.append(.init(token: space[generator.below(space.count)], owner: UInt16(owner)))
            }
        }
        let replicas = 1 + generator.below(5)
        let fallbacks = generator.below(4)
        let ring = TokenRing(positions.shuffled(using: &generator))
        let placement = ring.placement(members: members, replicas: replicas, fallbacks: fallbacks)
        for token in space + [3, 52, .max / 2] {
            let expected = walked(from: token, ring.positions, members, replicas: replicas, fallbacks: fallbacks)
            #expect(Array(placement.preferenceList(for: Token(token))) == expected, "seed \(seed), token \(token)")
        }
    }

    @Test func nodesAtOneTokenAreOrderedByNameAndBothListed() {
        let members = members("a", "b", "c")
        let ring = TokenRing([
            .init(token: 100, owner: 2), .init(token: 100, owner: 0), .init(token: 500, owner: 1),
        ])
        let placement = ring.placement(members: members, replicas: 2, fallbacks: 1)
        #expect(placement.rangeCount == 3)
        #expect(placement.preferenceList(for: Token(100)).map(\.name) == ["a", "c", "b"])
        #expect(placement.preferenceList(for: Token(101)).map(\.name) == ["b", "a", "c"])
        #expect(placement.preferenceList(for: Token(501)).map(\.name) == ["a", "c", "b"])
    }

    @Test func zonesComeBeforeNearness() {
        let members = [
            member("a", zone: "x"), member("b", zone: "x"), member("c", zone: "y"), member("d", zone: "x"),
        ]
        let ring = TokenRing((0..<4).map { .init(token: UInt64($0 + 1) * 100, owner: UInt16($0)) })
        let placement = ring.placement(members: members, replicas: 3, fallbacks: 1)
        // Walk a b c d: zones x and y first, then the nodes passed over.
        #expect(placement.preferenceList(for: Token(1)).map(\.name) == ["a", "c", "b", "d"])
        #expect(placement.preferenceList(for: Token(301)).map(\.name) == ["d", "c", "a", "b"])
    }

    @Test func aLongerReplicaListExtendsAShorterOne() {
        var generator = RandomGenerator(seed: 11)
        let members = drawnMembers(15, zones: 4, &generator)
        let ring = VNodeRing(settings: .init())
        let three = ring.placement(members: members, replicas: 3, fallbacks: 0, previous: nil)
        let five = ring.placement(members: members, replicas: 5, fallbacks: 0, previous: nil)
        for index in 0..<three.rangeCount {
            #expect(Array(five.preferenceList(at: index).prefix(3)) == Array(three.preferenceList(at: index)))
        }
    }

    @Test(arguments: [0, 1, 20, 40, 56, 60] as [UInt64])
    func positionsAreSortedHoweverCrowded(shift: UInt64) {
        var generator = RandomGenerator(seed: shift)
        for count in [1, 2, 31, 32, 33, 64, 65, 1000] {
            let drawn = (0..<count).map { _ in
                TokenRing.Position(token: generator.next() >> shift, owner: UInt16(generator.below(5)))
            }
            let expected = drawn.sorted(by: TokenRing.Position.precedes)
            let ring = TokenRing(drawn)
            #expect(ring.positions.map(\.token) == expected.map(\.token))
            #expect(ring.positions.map(\.owner) == expected.map(\.owner))
        }
    }

    @Test func recencyListKeepsTheOrderOfMoves() {
        var list = RecencyList(count: 5)
        for element in [3, 1, 4, 1, 3, 3, 0] as [Int32] { list.moveToFront(element) }
        var order: [Int32] = []
        var element = list.first
        while element != RecencyList.none {
            order.append(element)
            element = list.next(after: element)
        }
        #expect(order == [0, 3, 1, 4])
    }
}
