import Foundation

/// How often each checker finds each plant: what the stated seeds are chosen by.
enum Survey {
    /// One line a plant in the order of the list, then one a simulation without any.
    static func rows(_ plants: [any Plant.Type], seeds: UInt64) async -> [String] {
        var rows: [Int: String] = [:]
        let scenarios = Set(plants.map(\.scenario)).sorted { $0.name < $1.name }
        await withTaskGroup(of: (Int, String).self) { group in
            var next = (0..<plants.count + scenarios.count).makeIterator()
            func add() {
                guard let index = next.next() else { return }
                group.addTask {
                    let isPlant = index < plants.count
                    return (
                        index,
                        isPlant
                            ? row(plants[index], seeds: seeds) : cleanRow(scenarios[index - plants.count], seeds: seeds)
                    )
                }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { add() }
            for await (index, row) in group {
                rows[index] = row
                add()
            }
        }
        return rows.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func cleanRow(_ scenario: Scenario, seeds: UInt64) -> String {
        let trial = Trial(scenario)
        let dirty = (1...seeds).map { (seed: $0, failing: trial.failing(seed: $0).sorted()) }.filter { !$0.failing.isEmpty }
        let text = dirty.map { "\($0.seed) (\($0.failing.joined(separator: ", ")))" }.joined(separator: "; ")
        return "\(scenario.name) without any: \(dirty.count) of \(seeds) fail\(dirty.isEmpty ? "" : ": \(text)")"
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
