import Checking
import Composition
import SimulationKit

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
        let result = SimulationRun(file, seed: seed, options: options).run()
        let known = result.report.verdicts.filter(\.fails)
            .filter { KnownFailures.list.contains([$0], in: file.name) }.map(\.checker)
        return result.failingCheckers.subtracting(known)
    }
}
