/// One strategy of each family.
struct Combination: Sendable, CustomStringConvertible {
    var kinds: [String]

    static let families = ["partitioner", "conflictResolver", "membership", "sync", "storage"]
    static let kinds = [
        ["vnode-ring", "md5-ring", "xxhash-ring"],
        ["dotted-version-vector", "vector-clock", "lww-hlc", "lww-wall"],
        ["gossip", "static"],
        ["merkle", "full-scan"],
        ["log", "memory"],
    ]

    var description: String { kinds.joined(separator: " + ") }

    /// What a configuration says to select it, and nothing else.
    var settings: [String: Any] {
        var settings: [String: Any] = [:]
        for (family, kind) in zip(Combination.families, kinds) { settings["strategies.\(family).kind"] = kind }
        return settings
    }

    static var all: [Combination] {
        kinds.reduce([Combination(kinds: [])]) { found, kinds in
            found.flatMap { prefix in kinds.map { Combination(kinds: prefix.kinds + [$0]) } }
        }
    }

    /// Combinations in which every two kinds of different families meet: greedily the one with the most pairs that have
    /// not met yet, the first of equals, so that each run has the same.
    static let covering: [Combination] = {
        var missing = Set(all.flatMap(\.pairs))
        var chosen: [Combination] = []
        while !missing.isEmpty {
            var best: (combination: Combination, gain: Int)?
            for candidate in all {
                let gain = candidate.pairs.filter { missing.contains($0) }.count
                if gain > best?.gain ?? 0 { best = (candidate, gain) }
            }
            guard let best else { break }
            chosen.append(best.combination)
            missing.subtract(best.combination.pairs)
        }
        return chosen
    }()

    var pairs: [String] {
        kinds.indices.flatMap { first in
            kinds.indices.dropFirst(first + 1).map { "\(first):\(kinds[first]) \($0):\(kinds[$0])" }
        }
    }
}
