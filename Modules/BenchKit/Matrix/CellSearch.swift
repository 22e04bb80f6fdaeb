internal import Analysis
internal import Composition
internal import SimulationKit
internal import StatorCore

/// Goes through all combinations of a matrix: which can be configured, and why the others cannot.
struct CellSearch {
    private let matrix: MatrixFile
    private let registry: StrategyRegistry
    private(set) var cells: [MatrixPlan.Cell] = []
    private(set) var pruned: [Design.Pruned] = []
    /// What was wrong with the combinations that could not be configured.
    private var failures: [(levels: [Int], problems: [ConfigurationProblem])] = []

    init(_ matrix: MatrixFile, registry: StrategyRegistry) {
        self.matrix = matrix
        self.registry = registry
    }

    mutating func findAll() throws(ConfigurationError) {
        var levels = [Int](repeating: 0, count: matrix.factors.count)
        repeat { look(at: levels) } while advance(&levels)
        try refuseDeadLevels()
        let names = matrix.factors.map { $0.levels.map(\.name) }
        pruned = failures.map { failure in
            let more = failure.problems.count > 1 ? " (and \(failure.problems.count - 1) more)" : ""
            return Design.Pruned(levels: failure.levels, reason: failure.problems[0].description + more)
        }
        guard cells.isEmpty else { return }
        throw ConfigurationError([
            ConfigurationProblem(
                path: "exclude",
                message:
                    "leaves none of \(names.reduce(1) { $0 * $1.count }) combinations, so that nothing is to be run")
        ])
    }

    /// The last factor turns fastest.
    private func advance(_ levels: inout [Int]) -> Bool {
        for factor in matrix.factors.indices.reversed() {
            levels[factor] += 1
            if levels[factor] < matrix.factors[factor].levels.count { return true }
            levels[factor] = 0
        }
        return false
    }

    private mutating func look(at levels: [Int]) {
        let isExcluded = matrix.excluded.contains { rule in
            rule.allSatisfy { levels[$0.factor] == $0.level }
        }
        if isExcluded { return }
        var document = matrix.base
        for (factor, level) in zip(matrix.factors, levels) {
            for setting in factor.levels[level].settings {
                // Tried against the base before.
                try? document.set(setting.path, to: setting.value)
            }
        }
        let rules = EnvironmentRules(matrix.settings.environment)
        let problems = rules.problems(of: document)
        guard problems.isEmpty else { return failures.append((levels, problems)) }
        do throws(ConfigurationError) {
            var file = try SimulationFile.load(document: document, registry: registry)
            let unfit = rules.problems(of: file)
            guard unfit.isEmpty else { return failures.append((levels, unfit)) }
            file.name = matrix.settings.name
            cells.append(MatrixPlan.Cell(levels: levels, document: document, file: file))
        } catch {
            failures.append((levels, error.problems))
        }
    }

    /// A level that goes with no other is no combination to be pruned but a mistake in the file.
    private func refuseDeadLevels() throws(ConfigurationError) {
        guard let first = failures.first else { return }
        var problems: [ConfigurationProblem] = []
        if cells.isEmpty {
            // What all have in common is the base's.
            let shared = first.problems.filter { problem in failures.allSatisfy { $0.problems.contains(problem) } }
            problems += shared.map {
                ConfigurationProblem(path: "base".field($0.path), message: $0.message, suggestion: $0.suggestion)
            }
        }
        for (factor, entry) in matrix.factors.enumerated() where problems.isEmpty || entry.levels.count > 1 {
            for (position, level) in entry.levels.enumerated() {
                if cells.contains(where: { $0.levels[factor] == position }) { continue }
                let with = failures.filter { $0.levels[factor] == position }
                guard let one = with.first else { continue }
                let own = one.problems.filter { problem in
                    with.allSatisfy { $0.problems.contains(problem) }
                        && !problems.contains { $0.message == problem.message && $0.path == "base".field(problem.path) }
                }
                problems += own.map {
                    ConfigurationProblem(
                        path: level.place, message: "goes with no other level: \($0.path): \($0.message)",
                        suggestion: $0.suggestion)
                }
            }
        }
        if problems.isEmpty, cells.isEmpty {
            problems = first.problems.map {
                ConfigurationProblem(path: "base".field($0.path), message: $0.message, suggestion: $0.suggestion)
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }
}
