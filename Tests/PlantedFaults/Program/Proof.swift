import Composition
import Foundation
import SimulationKit

/// Runs every plant against its seeds until one is caught, and every scenario without any.
struct Proof {
    private let plants: [any Plant.Type]

    init(_ plants: [any Plant.Type]) {
        self.plants = plants
    }

    /// One of the independent pieces of the work.
    private enum Piece: Sendable {
        case clean(Scenario, seed: UInt64)
        case planted(Int)
    }

    private enum Outcome: Sendable {
        case clean(Scenario, seed: UInt64, failing: Set<String>)
        case planted(Int, PlantOutcome)
    }

    /// On all processors; the result does not depend on their number.
    func run() async -> [Finding] {
        var dirty: [Scenario: [UInt64: Set<String>]] = [:]
        var outcomes: [Int: PlantOutcome] = [:]
        await withTaskGroup(of: Outcome.self) { group in
            var pieces = ArraySlice(self.pieces)
            func add() {
                guard let piece = pieces.popFirst() else { return }
                group.addTask { carryOut(piece) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { add() }
            for await outcome in group {
                switch outcome {
                case .clean(let scenario, let seed, let failing):
                    if !failing.isEmpty { dirty[scenario, default: [:]][seed] = failing }
                case .planted(let index, let outcome): outcomes[index] = outcome
                }
                add()
            }
        }
        return plants.enumerated().compactMap { index, plant in
            outcomes[index].map { Finding(plant: plant, outcome: $0, dirty: dirty[plant.scenario] ?? [:]) }
        }
    }

    /// What takes longest comes first. The clean runs of a scenario serve all its plants.
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
        case .clean(let scenario, let seed):
            return .clean(scenario, seed: seed, failing: Trial(scenario).failing(seed: seed))
        case .planted(let index):
            let plant = plants[index]
            let trial = Trial(plant.scenario)
            var others: Set<String> = []
            for seed in 1...plant.seeds {
                let failing = trial.failing(seed: seed, plant)
                let named = plant.caughtBy.filter { failing.contains($0) }
                if !named.isEmpty {
                    let also = failing.subtracting(named).sorted()
                    return .planted(index, PlantOutcome(caughtBy: named, also: also, seed: seed))
                }
                others.formUnion(failing)
            }
            return .planted(index, PlantOutcome(caughtBy: [], also: others.sorted(), seed: nil))
        }
    }
}

/// One simulation, with or without a plant.
struct Trial {
    private let file: SimulationFile

    /// - Precondition: the scenario's settings are right.
    init(_ scenario: Scenario) {
        do throws(ConfigurationError) {
            file = try scenario.file()
        } catch {
            preconditionFailure("the scenario \(scenario.name) is wrong: \(error)")
        }
    }

    /// The checkers that found something, and `run` where the run did not come to its end.
    func failing(seed: UInt64, _ plant: (any Plant.Type)? = nil) -> Set<String> {
        var options = RunOptions()
        plant?.plant(in: &options)
        return SimulationRun(file, seed: seed, options: options).run().failingCheckers
    }
}
