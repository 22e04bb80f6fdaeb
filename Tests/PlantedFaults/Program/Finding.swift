/// How a plant fared.
struct PlantOutcome: Sendable {
    /// The named checkers that found it in the first seed in which one did.
    let caughtBy: [String]
    /// What else failed then, or in all seeds where no named checker found it.
    let also: [String]
    /// The first seed in which a named checker found it.
    let seed: UInt64?
}

/// What is known of one plant after the proof.
struct Finding: Sendable {
    let name: String
    let wrong: String
    let scenario: String
    let expected: [String]
    let stated: UInt64
    let outcome: PlantOutcome
    /// Seeds of the plant's own that failed without it, and in which checkers.
    let dirty: [(seed: UInt64, failing: [String])]

    init(plant: any Plant.Type, outcome: PlantOutcome, dirty: [UInt64: Set<String>]) {
        name = plant.name
        wrong = plant.wrong
        scenario = plant.scenario.name
        expected = plant.caughtBy
        stated = plant.seeds
        self.outcome = outcome
        self.dirty = dirty.filter { $0.key <= plant.seeds }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.sorted()) }
    }

    var isPassed: Bool { outcome.seed != nil && dirty.isEmpty }

    /// Why it failed, a line each.
    var complaint: String {
        var lines: [String] = []
        if outcome.seed == nil {
            let others = outcome.also.isEmpty ? "no other did" : "only \(outcome.also.joined(separator: ", ")) did"
            lines.append(
                "\(name): not caught by \(expected.joined(separator: " or ")) in seeds 1 to \(stated) of \(scenario); "
                    + others)
        }
        for (seed, failing) in dirty {
            lines.append("\(name): seed \(seed) of \(scenario) fails without it: \(failing.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }
}
