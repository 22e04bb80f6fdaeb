/// Runs every plant against its seeds until one is caught, and every scenario without any.
struct Proof: Sendable {
    private let plants: [any Plant.Type]

    init(_ plants: [any Plant.Type]) {
        self.plants = plants
    }

    /// One of the independent pieces of the work.
    private enum Piece: Sendable {
        case planted(Int)
        case clean(Scenario, seed: UInt64)
    }

    private enum Outcome: Sendable {
        case planted(Int, PlantOutcome)
        case clean(Scenario, seed: UInt64, failing: Set<String>)
    }

    /// The result does not depend on the number of processors.
    func run() async -> [Finding] {
        let pieces = self.pieces
        var dirty: [Scenario: [UInt64: Set<String>]] = [:]
        var outcomes: [Int: PlantOutcome] = [:]
        for outcome in await Parallel.map(pieces.count, { carryOut(pieces[$0]) }) {
            switch outcome {
            case .planted(let index, let outcome): outcomes[index] = outcome
            case .clean(let scenario, let seed, let failing):
                if !failing.isEmpty { dirty[scenario, default: [:]][seed] = failing }
            }
        }
        return plants.enumerated().compactMap { index, plant in
            outcomes[index].map { Finding(plant: plant, outcome: $0, dirty: dirty[plant.scenario] ?? [:]) }
        }
    }

    /// The clean runs of a scenario serve all its plants.
    private var pieces: [Piece] {
        var most: [Scenario: UInt64] = [:]
        var order: [Scenario] = []
        for plant in plants {
            if most[plant.scenario] == nil { order.append(plant.scenario) }
            most[plant.scenario] = max(most[plant.scenario] ?? 0, plant.seeds)
        }
        let clean = order.flatMap { scenario in
            (1...(most[scenario] ?? 1)).map { Piece.clean(scenario, seed: $0) }
        }
        return plants.indices.map { .planted($0) } + clean
    }

    private func carryOut(_ piece: Piece) -> Outcome {
        switch piece {
        case .planted(let index): return .planted(index, outcome(of: plants[index]))
        case .clean(let scenario, let seed):
            return .clean(scenario, seed: seed, failing: Trial(scenario).failing(seed: seed))
        }
    }

    private func outcome(of plant: any Plant.Type) -> PlantOutcome {
        let trial = Trial(plant.scenario)
        var others: Set<String> = []
        for seed in 1...plant.seeds {
            let failing = trial.failing(seed: seed, plant)
            let named = plant.caughtBy.filter { failing.contains($0) }
            if !named.isEmpty {
                return PlantOutcome(caughtBy: named, also: failing.subtracting(named).sorted(), seed: seed)
            }
            others.formUnion(failing)
        }
        return PlantOutcome(caughtBy: [], also: others.sorted(), seed: nil)
    }
}
