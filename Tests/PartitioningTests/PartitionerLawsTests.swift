import ConformanceKit
import Hashing
import Partitioning
import StatorCore
import Testing

/// The rings pass their laws, and each law catches a partitioner that breaks it.
@Suite struct PartitionerLawsTests {
    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func ringsKeepTheirLaws(seed: UInt64) throws {
        func check<Ring: Partitioner>(_ ring: Ring) throws {
            try PartitionerLaws.check(ring, kind: Ring.kind, guarantees: Ring.guarantees, seed: seed)
        }
        try check(MD5Ring(settings: .init()))
        try check(XXHashRing(settings: .init()))
        try check(VNodeRing(settings: .init()))
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func singleTokenRingsMoveMinimallyWhateverTheNames(seed: UInt64) throws {
        try PartitionerLaws.movesMinimally(XXHashRing(settings: .init()), kind: "xxhash-ring", seed: seed)
        try PartitionerLaws.spreadsOverZones(XXHashRing(settings: .init()), kind: "xxhash-ring", seed: seed)
    }

    @Test(arguments: Fault.allCases)
    func aFaultIsCaughtByItsLaw(fault: Fault) {
        let faulty = FaultyRing(fault)
        let violation = #expect(throws: LawViolation.self) {
            try PartitionerLaws.check(
                faulty, kind: "faulty", guarantees: VNodeRing.guarantees.subtracting(fault.denied), seed: 1)
        }
        #expect(violation?.law == fault.law)
        #expect(violation?.seed == 1)
    }
}

enum Fault: CaseIterable, Sendable {
    case dropsAMember, shortLists, tooFewReplicas, readsStatus, readsAddresses, ignoresZones, idleNode, uneven
    case dependsOnCount, ignoresWeights, deniesWhatHolds

    var law: String {
        switch self {
        case .dropsAMember: "coverage"
        case .shortLists, .tooFewReplicas: "distinct nodes"
        case .readsStatus, .readsAddresses: "determinism"
        case .ignoresZones: "zones"
        case .idleNode: "use of every node"
        case .uneven: "balanced"
        case .dependsOnCount: "minimal-movement"
        case .ignoresWeights, .deniesWhatHolds: "weighted"
        }
    }

    var denied: Set<Guarantee> { self == .deniesWhatHolds ? [PartitionerGuarantees.weighted] : [] }
}

/// The virtual-node ring with one thing wrong.
struct FaultyRing: Partitioner {
    typealias Settings = VNodeRing.Settings
    static let kind = "faulty"
    static let summary = "For tests."
    static let guarantees: Set<Guarantee> = []
    var hash: HashFunction { ring.hash }

    private let ring: VNodeRing
    private var fault = Fault.shortLists

    init(settings: Settings) { ring = VNodeRing(settings: settings) }

    init(_ fault: Fault) {
        self.init(settings: Settings())
        self.fault = fault
    }

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        func changed(_ change: (inout Member) -> Void) -> [Member] {
            members.map { member in
                var copy = member
                change(&copy)
                return copy
            }
        }
        func plain(_ members: [Member]) -> Placement {
            ring.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: nil)
        }
        switch fault {
        case .dropsAMember: return plain(Array(members.prefix(max(1, members.count - 1))))
        case .shortLists:
            return ring.placement(members: members, replicas: replicas, fallbacks: 0, previous: nil)
        case .tooFewReplicas:
            return ring.placement(
                members: members, replicas: max(1, replicas - 1), fallbacks: fallbacks + 1, previous: nil)
        case .readsStatus: return plain(changed { $0.weight = $0.status == .joining ? 1 : 2 })
        case .readsAddresses: return plain(changed { $0.weight = $0.peerEndpoint.port % 2 + 1 })
        case .ignoresZones: return withZones(of: members, plain(changed { $0.zone = "" }))
        case .idleNode: return withoutLast(members, replicas, fallbacks)
        case .uneven:
            var settings = Settings()
            settings.tokensPerNode = 2
            return VNodeRing(settings: settings)
                .placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: nil)
        case .dependsOnCount: return byCount(members, replicas, fallbacks)
        case .ignoresWeights: return plain(changed { $0.weight = 1 })
        case .deniesWhatHolds: return plain(members)
        }
    }

    /// The same owners under the members' true zones.
    private func withZones(of members: [Member], _ placement: Placement) -> Placement {
        rebuilt(members, placement.replicaCount, from: placement) { $0 }
    }

    /// The last member is named, but replaced wherever another one of its zone is left.
    private func withoutLast(_ members: [Member], _ replicas: Int, _ fallbacks: Int) -> Placement {
        let placement = ring.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: nil)
        guard members.count > replicas + fallbacks else { return placement }
        return rebuilt(members, placement.replicaCount, from: placement) { owners in
            let last = UInt16(members.count - 1)
            guard let position = owners.firstIndex(of: last) else { return owners }
            let zone = members[Int(last)].zone
            let others = (0..<last).filter { !owners.contains($0) }
            guard let other = others.first(where: { members[Int($0)].zone == zone }) else { return owners }
            var copy = owners
            copy[position] = other
            return copy
        }
    }

    /// Tokens move with the number of members.
    private func byCount(_ members: [Member], _ replicas: Int, _ fallbacks: Int) -> Placement {
        let placement = ring.placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: nil)
        let step = UInt64(members.count) << 52
        var lasts = (0..<placement.rangeCount).map { placement.range(at: $0).last.value }
        for index in lasts.indices.dropLast() { lasts[index] = lasts[index] &+ step }
        let wrapped = lasts.dropLast().filter { $0 < step }
        let kept = lasts.dropLast().filter { $0 >= step }
        let owners = (0..<placement.rangeCount).map { indices(placement, at: $0) }
        let order = owners.dropLast().suffix(wrapped.count) + owners.dropLast().prefix(kept.count) + [owners[0]]
        return Placement(
            members: members, replicas: replicas,
            assignments: zip(wrapped + kept + [.max], order).map { .init(last: Token($0), owners: $1) })
    }

    private func rebuilt(
        _ members: [Member], _ replicas: Int, from placement: Placement, _ change: ([UInt16]) -> [UInt16]
    ) -> Placement {
        Placement(
            members: members, replicas: replicas,
            assignments: (0..<placement.rangeCount).map { index in
                .init(last: placement.range(at: index).last, owners: change(indices(placement, at: index)))
            })
    }

    private func indices(_ placement: Placement, at index: Int) -> [UInt16] {
        placement.preferenceList(at: index).map { node in UInt16(placement.nodes.firstIndex(of: node) ?? 0) }
    }
}
