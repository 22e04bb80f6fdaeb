internal import ArgumentParser
internal import Composition
internal import SimulationKit

/// `stator-bench expected FILE`.
struct ExpectedCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "expected",
            abstract: "Runs the seeds of known failures, and says which of them are gone.",
            discussion: """
                FILE lists broken promises that are known and not fixed yet. Ends with 1 once one of its seeds passes: its
                entry is to be removed then, and what fixed it to be tested.
                """)
    }

    @Argument(help: ArgumentHelp("The list of known failures.", valueName: "FILE"))
    var path: String

    func run(_ registry: StrategyRegistry) throws -> Int32 {
        var gone = 0
        for entry in try ExpectedCommand.read(path).entries {
            let found = try failing(entry, registry)
            let replay =
                (["simulate", entry.file, "--seed", "\(entry.seed)"] + entry.settings.flatMap { ["--set", $0] })
                .joined(separator: " ")
            if found.contains(entry.ledger) {
                TextOutput.standard.write("still fails in \(entry.ledger): \(replay)\n")
            } else {
                gone += 1
                TextOutput.standard.write(
                    "NO LONGER FAILS in \(entry.ledger): \(replay)\n  \(entry.reason)\n  Remove its entry from \(path).\n"
                )
            }
        }
        return gone == 0 ? 0 : 1
    }

    private func failing(_ entry: ExpectedFailures.Entry, _ registry: StrategyRegistry) throws -> Set<String> {
        let bytes = try TextFile.read(entry.file, maximum: 8 << 20)
        do throws(ConfigurationError) {
            let file = try SimulationFile.load(json: bytes, overrides: entry.settings, registry: registry)
            return SimulationRun(file, seed: entry.seed).run().failingCheckers
        } catch {
            throw BenchError.configuration("\(entry.file): \(error)")
        }
    }

    static func read(_ path: String) throws -> ExpectedFailures {
        guard let expected = ExpectedFailures(json: try TextFile.read(path, maximum: 1 << 20)) else {
            throw BenchError.configuration("\(path): this is no list of expected failures; see Tests/ExpectedFailures")
        }
        return expected
    }
}
