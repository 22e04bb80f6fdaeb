internal import ArgumentParser
public import Composition
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The laboratory as a program: runs matrices of strategies, workloads and faults and reports what differs, loads
/// running nodes, simulates, records and checks histories.
///
/// An app with strategies of its own is this line with its own registry:
///
/// ```swift
/// var registry = StrategyRegistry.standard
/// registry.add(MyResolver.self)
/// await BenchApp.run(registry: registry)
/// ```
public enum BenchApp {
    /// Runs the command that the arguments name and ends the process: with 0, 1 where a promise was broken or a
    /// program fault came up, 64 for wrong arguments, 78 for a wrong file.
    /// - Parameters:
    ///   - registry: the strategies that files may select.
    ///   - arguments: without the program's name; those of the process by default.
    public static func run(registry: StrategyRegistry = .standard, arguments: [String]? = nil) async -> Never {
        do {
            var command = try BenchCommand.parseAsRoot(arguments)
            switch command {
            case let run as RunCommand: exit(try await run.run(registry))
            case let merge as MergeCommand: exit(try merge.merge())
            case let report as ReportCommand: exit(try report.report())
            case let compare as CompareCommand: exit(try compare.compare())
            case let load as LoadCommand: exit(try await load.load())
            case let replay as ReplayCommand: exit(try replay.replay(registry))
            case let simulate as SimulateCommand: exit(try await simulate.run(registry))
            case let expected as ExpectedCommand: exit(try expected.run(registry))
            case let record as RecordCommand: exit(try await record.run())
            case let check as CheckCommand: exit(try check.run())
            default: try command.run()
            }
            exit(0)
        } catch let error as BenchError {
            complain(error.description)
            exit(error.status)
        } catch {
            BenchCommand.exit(withError: error)
        }
    }

    private static func complain(_ text: String) {
        TextOutput.error.write("stator-bench: \(text)\n")
    }
}

/// What is wrong, for people, and the status that the process ends with.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    let status: Int32

    static func configuration(_ text: String) -> BenchError { BenchError(description: text, status: 78) }
    static func usage(_ text: String) -> BenchError { BenchError(description: text, status: 64) }
    static func failure(_ text: String) -> BenchError { BenchError(description: text, status: 1) }

    /// Carries out what starts processes.
    static func of<Outcome>(_ body: () throws(ProcessError) -> Outcome) throws(BenchError) -> Outcome {
        do throws(ProcessError) {
            return try body()
        } catch {
            throw .failure(error.description)
        }
    }
}

struct BenchCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "stator-bench",
            abstract: "Compares strategies: runs matrices, simulations and loads, and says what differs.",
            discussion: """
                Ends with 0, 1 where a promise was broken or a result is worse, 64 for wrong arguments, 78 for a wrong \
                file, 130 where it was interrupted.
                """,
            version: Provenance.version,
            subcommands: [
                RunCommand.self, MergeCommand.self, ReportCommand.self, CompareCommand.self, LoadCommand.self,
                ReplayCommand.self, SimulateCommand.self, ExpectedCommand.self, RecordCommand.self, CheckCommand.self,
            ])
    }
}
