/// How often each checker finds each plant: what the stated seeds are chosen by.
enum Survey {
    /// One line a plant in the order of the list, then one a simulation without any.
    static func rows(_ plants: [any Plant.Type], seeds: UInt64) async -> [String] {
        let scenarios = Set(plants.map { $0.scenario }).sorted { $0.name < $1.name }
        return await Parallel.map(plants.count + scenarios.count) { index in
            if index < plants.count { return row(plants[index], seeds: seeds) }
            return row(scenarios[index - plants.count], seeds: seeds)
        }
    }

    private static func row(_ scenario: Scenario, seeds: UInt64) -> String {
        let trial = Trial(scenario)
        var failures: [String] = []
        for seed in 1...seeds {
            let failing = trial.failing(seed: seed).sorted()
            if !failing.isEmpty { failures.append("\(seed) (\(failing.joined(separator: ", ")))") }
        }
        let text = failures.isEmpty ? "" : ": \(failures.joined(separator: "; "))"
        return "\(scenario.name) without any: \(failures.count) of \(seeds) fail\(text)"
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
