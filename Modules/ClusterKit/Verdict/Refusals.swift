/// Who refuses whom, from both ends: a node remembers that it was refused, and whom it refused.
struct Refusals {
    struct Pair {
        /// In order.
        let first: String
        let second: String
        let reason: String
        let setting: String?
        /// What each of the two has.
        let held: [(name: String, value: String)]

        func isOf(_ name: String) -> Bool { first == name || second == name }
        func other(than name: String) -> String { first == name ? second : first }
    }

    /// Nodes that are refused by the same others for the same setting.
    struct Group {
        var names: [String]
        let others: [String]
        let setting: String?
        let reason: String
        var held: [(name: String, value: String)]
    }

    private(set) var pairs: [Pair] = []

    init(_ looks: [MemberLook]) {
        let names = Set(looks.flatMap { [$0.name] + $0.members.map(\.name) })
        for look in looks {
            for link in look.links where link.cause == "refused" && names.contains(link.node) {
                add(look.name, link.node, link.reason, link.difference)
            }
            // One that is let in now is another than the one that was refused by its name.
            for caller in look.refusedCallers {
                guard let node = caller.node, names.contains(node), node != look.name, !look.reaches(node) else {
                    continue
                }
                add(look.name, node, caller.reason, caller.difference)
            }
        }
    }

    private mutating func add(_ own: String, _ other: String, _ reason: String, _ difference: MemberLook.Difference?) {
        let (first, second) = own < other ? (own, other) : (other, own)
        guard !pairs.contains(where: { $0.first == first && $0.second == second }) else { return }
        let held = difference.map { [(name: own, value: $0.own), (name: other, value: $0.theirs)] } ?? []
        pairs.append(
            Pair(first: first, second: second, reason: reason, setting: difference?.setting, held: held))
    }

    func isBetween(_ one: String, _ other: String) -> Bool {
        pairs.contains { $0.isOf(one) && $0.isOf(other) }
    }

    func count(of name: String) -> Int { pairs.count { $0.isOf(name) } }

    /// The settings that are why, in the words of refusals.
    var settings: [String] { pairs.compactMap(\.setting) }

    /// Each pair once, told of the one that most refuse: of one node against three it is the odd one.
    var groups: [Group] {
        var left = pairs
        var found: [Group] = []
        while let group = oddest(of: left) {
            left.removeAll { pair in pair.setting == group.setting && group.names.contains(where: pair.isOf) }
            let known = found.firstIndex { $0.others == group.others && $0.setting == group.setting }
            if let known {
                found[known].names += group.names
                found[known].held = Refusals.merged(found[known].held + group.held)
            } else {
                found.append(group)
            }
        }
        return found
    }

    private func oddest(of left: [Pair]) -> Group? {
        let names = Sentence.distinct(left.flatMap { [$0.first, $0.second] }).sorted()
        var odd: (name: String, count: Int)?
        for name in names {
            let count = left.count { $0.isOf(name) }
            if count > odd?.count ?? 0 { odd = (name, count) }
        }
        guard let odd, let first = left.first(where: { $0.isOf(odd.name) }) else { return nil }
        let own = left.filter { $0.isOf(odd.name) && $0.setting == first.setting }
        return Group(
            names: [odd.name], others: own.map { $0.other(than: odd.name) }.sorted(), setting: first.setting,
            reason: first.reason, held: Refusals.merged(own.flatMap(\.held)))
    }

    /// Each name once, in order.
    private static func merged(_ held: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for entry in held where !found.contains(where: { $0.name == entry.name }) { found.append(entry) }
        return found.sorted { $0.name < $1.name }
    }
}
