import Foundation

/// How often each checker finds each plant: what the stated seeds are chosen by.
enum Survey {
    /// One line a plant, in the order of the list.
    static func rows(_ plants: [any Plant.Type], seeds: UInt64) async -> [String] {
        var rows: [Int: String] = [:]
        await withTaskGroup(of: (Int, String).self) { group in
            var next = plants.indices.makeIterator()
            func add() {
                guard let index = next.next() else { return }
                group.addTask { (index, row(plants[index], seeds: seeds)) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { add() }
            for await (index, row) in group {
                rows[index] = row
                add()
            }
        }
        return rows.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func row(_ plant: any Plant.Type, seeds: UInt64) -> String {
        let trial = Trial(plant.scenario)
        var counts: [String: Int] = [:]
        var caught = 0
        var first: UInt64?
        for seed in 1...seeds {
            let failing = trial.failing(seed: seed, plant)
            for checker in failing { counts[checker, default: 0] += 1 }
            guard !failing.isDisjoint(with: plant.caughtBy) else { continue }
            caught += 1
            first = first ?? seed
        }
        let all = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "\(plant.name): \(caught) of \(seeds), first \(first.map { "\($0)" } ?? "-"); \(all)"
    }
}
