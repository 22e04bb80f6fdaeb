import StatorCore

/// Ranks the nodes of one slot after the other, reusing its memory.
///
/// The preference list of a slot is
/// 1. the best node of each zone, in the order of their scores, at most N of them;
/// 2. then all other nodes in the order of their scores, cut at N + F.
struct SlotElection {
    /// By member, the index of its zone.
    private let zoneOf: [Int]
    /// By zone, its best member so far and that one's score.
    private var bestOfZone: [Candidate?]
    private var best: Ranking
    private var bestOfZones: Ranking

    init(members: [Member], replicas: Int, stride: Int) {
        let names = Set(members.map(\.zone)).sorted()
        zoneOf = members.map { member in names.firstIndex(of: member.zone) ?? 0 }
        bestOfZone = Array(repeating: nil, count: names.count)
        best = Ranking(capacity: stride)
        bestOfZones = Ranking(capacity: replicas)
    }

    mutating func begin() {
        for zone in bestOfZone.indices { bestOfZone[zone] = nil }
        best.removeAll()
        bestOfZones.removeAll()
    }

    /// Members enter in their order, which decides between equal scores.
    mutating func enter(owner: Int, score: UInt64) {
        let candidate = Candidate(owner: UInt16(owner), score: score)
        best.enter(candidate)
        let zone = zoneOf[owner]
        if let leader = bestOfZone[zone], leader.score >= score { return }
        bestOfZone[zone] = candidate
    }

    mutating func appendList(to owners: inout [UInt16]) {
        for case let candidate? in bestOfZone { bestOfZones.enter(candidate) }
        let chosen = bestOfZones.candidates
        for candidate in chosen { owners.append(candidate.owner) }
        // As many candidates as the list is long are known, so those that are not chosen fill it.
        var free = best.capacity - chosen.count
        for candidate in best.candidates where free > 0 {
            if chosen.contains(where: { $0.owner == candidate.owner }) { continue }
            owners.append(candidate.owner)
            free -= 1
        }
    }
}

struct Candidate {
    let owner: UInt16
    let score: UInt64

    /// The higher score comes first, of equal ones the member that comes first.
    func precedes(_ other: Candidate) -> Bool {
        score != other.score ? score > other.score : owner < other.owner
    }
}

/// The best candidates that entered, at most `capacity` of them, in order. O(capacity) an entry, O(1) for most.
struct Ranking {
    let capacity: Int
    private(set) var candidates: [Candidate] = []

    init(capacity: Int) {
        self.capacity = capacity
        candidates.reserveCapacity(capacity + 1)
    }

    mutating func removeAll() { candidates.removeAll(keepingCapacity: true) }

    mutating func enter(_ candidate: Candidate) {
        if candidates.count == capacity {
            guard let last = candidates.last, candidate.precedes(last) else { return }
            candidates.removeLast()
        }
        var position = candidates.count
        while position > 0, candidate.precedes(candidates[position - 1]) { position -= 1 }
        candidates.insert(candidate, at: position)
    }
}
