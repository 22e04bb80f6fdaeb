import Foundation
import Testing

/// The scenarios of `Tests/Scenarios`: each file tells a story in commands and in what came of them.
///
/// A difference fails with the file, the line, what was expected and what was found. `STATOR_REWRITE=1 swift test --filter
/// TextScenarios` writes what was found into the files instead: read the difference before you keep it, the outputs are
/// documentation.
///
/// Each runs under several seeds and says the same under all of them: what it shows is promised, not an accident of
/// one course of events. `STATOR_SEED=<seed>` tries another one, `STATOR_SCENARIO=<part of a name>` only some files.
@Suite("Scenarios told in text files")
struct TextScenarios {
    static let seeds: [UInt64] = ReplaySeed.fromEnvironment.map { [$0] } ?? [1, 2, 3]
    static let isRewriting = ProcessInfo.processInfo.environment["STATOR_REWRITE"].map { !$0.isEmpty } ?? false

    @Test(arguments: ScenarioFile.chosen)
    func theClusterDoesWhatTheStoryTells(_ file: ScenarioFile) throws {
        do throws(ScenarioError) {
            var script = try ScenarioScript(parsing: try file.read())
            if Self.isRewriting {
                let outputs = try ScenarioRun.outputs(of: script, seed: Self.seeds[0]).outputs
                let text = script.text(outputs: outputs)
                try file.write(text)
                script = try ScenarioScript(parsing: text)
            }
            for seed in Self.seeds {
                let run = try ScenarioRun.outputs(of: script, seed: seed)
                for difference in ScenarioDifference.between(script, run.outputs, in: file.path, seed: seed) {
                    Issue.record("\(difference.text)", sourceLocation: file.location(line: difference.line))
                }
                if run.hasOwnSeed { break }
            }
        } catch {
            let text = "\(file.path):\(error.line): \(error.message)"
            Issue.record("\(text)", sourceLocation: file.location(line: error.line))
        }
    }

    @Test func thereAreScenarios() {
        #expect(ScenarioFile.all.count >= 14)
    }
}

/// One course of a scenario's events.
enum ScenarioRun {
    /// What every step came to. Hints are accounted for at its end.
    static func outputs(
        of script: ScenarioScript, seed: UInt64
    ) throws(ScenarioError) -> (outputs: [[String]], hasOwnSeed: Bool) {
        let runner = ScenarioRunner(seed: seed)
        var outputs: [[String]] = []
        for step in script.steps { outputs.append(try runner.carryOut(step)) }
        try? runner.fixture().expectHintsAddUp()
        return (outputs, runner.hasOwnSeed)
    }
}
