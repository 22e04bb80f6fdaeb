import StatorCore
import Sync

/// One strategy under law, and what its laws share.
struct SyncLawScenarios {
    let kind: String
    let seed: UInt64
    let make: (SyncEnvironment) -> any Synchronizer

    func require(_ holds: Bool, _ law: String, _ finding: @autoclosure () -> String) throws {
        if !holds { throw LawViolation(kind: kind, law: law, finding: finding(), seed: seed) }
    }

    func expectCounterExample(to guarantee: Guarantee, _ law: () throws -> Void) throws {
        do {
            try law()
        } catch is LawViolation {
            return
        }
        throw LawViolation(
            kind: kind, law: guarantee.name, finding: "the strategy denies it, but its counter-example holds",
            seed: seed)
    }

    /// A pair with `keys` equal keys within `range`, of which `differing` then differ: changed at one end, changed at
    /// both, or missing at one.
    func pair(_ keys: Int, differing: Int, range: TokenRange = .full, _ stream: UInt64) -> SyncLawPair {
        let pair = SyncLawPair(seed: seed &+ stream &* 0x1_0001, range: range, make: make)
        let all = (0..<keys).map(SyncLawStore.reference).filter { range.contains($0.token) }
        var contents = [[SyncLawStore.Entry]](
            repeating: all.map { SyncLawStore.Entry(reference: $0, version: 1) }, count: 2)
        var missing: [[Int]] = [[], []]
        for _ in 0..<(all.isEmpty ? 0 : differing) {
            let position = pair.random.below(all.count)
            let end = pair.random.below(2)
            switch pair.random.below(4) {
            case 0: missing[end].append(position)
            case 1:
                contents[0][position].version = 3 + UInt64(end)
                contents[1][position].version = 4 - UInt64(end)
            default: contents[end][position].version = 2
            }
        }
        for end in 0..<2 {
            let gone = missing[end].sorted()
            for position in gone.reversed() where !missing[1 - end].contains(position) {
                if let index = contents[end].firstIndex(where: { $0.reference == all[position] }) {
                    contents[end].remove(at: index)
                }
            }
            pair.fill(end, contents[end])
        }
        return pair
    }

    /// Keys whose records differ between the ends.
    func differences(_ pair: SyncLawPair, in range: TokenRange) -> Int {
        let left = pair.ends[0].store.within(range)
        let right = pair.ends[1].store.within(range)
        let atLeft = left.filter { pair.ends[1].store[$0.reference] != $0.version }.count
        return atLeft + right.filter { pair.ends[0].store[$0.reference] == nil }.count
    }

    /// Ranges that lie on a tree in every way: whole, aligned, cut at both ends, within one slice of any depth, one
    /// token.
    func ranges(_ random: inout RandomGenerator) -> [TokenRange] {
        func range(_ first: UInt64, _ width: UInt64) -> TokenRange {
            let (last, overflow) = first.addingReportingOverflow(width)
            return TokenRange(first: Token(first), last: Token(overflow ? .max : last))
        }
        return [
            .full, range(1 << 60, (1 << 60) - 1), range(0, random.next()), range(random.next(), .max),
            range(random.next() >> 1, random.next() >> 2), range(random.next(), 1 << 48), range(random.next(), 0),
            range(random.next() & ~((1 << 48) - 1), (1 << 48) - 1),
        ]
    }
}
