internal import ArgumentParser
internal import Checking

/// `stator-bench check FILE`.
struct CheckCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check",
            abstract: "Runs the checkers over a history in JSON Lines, of a simulated or a real run.",
            discussion: """
                A line is one operation, as docs/simulation.md describes them. What the run's configuration promises is
                said by --promise; everything else is measured. The exit status is 1 where a promise was broken, and where
                one has nothing to check and no final read was answered, which is what lost writes show in.

                Example:
                  stator-bench check history.jsonl --promise keeps-acknowledged --promise read-your-writes
                """)
    }

    @Argument(help: ArgumentHelp("The history, one operation a line.", valueName: "FILE"))
    var path: String

    @Option(
        name: .customLong("promise"), parsing: .singleValue,
        help: ArgumentHelp(
            "A property that must hold; may be repeated. One of: \(PromiseNames.all.joined(separator: ", ")).",
            valueName: "NAME"))
    var promised: [String] = []

    @Flag(help: "Prints the outcome as one JSON object.")
    var json = false

    func run() throws -> Int32 {
        let promises = try PromiseNames.promises(promised)
        let history = try HistoryFile.read(path)
        let indexed = IndexedHistory(history)
        var report = CheckReport()
        for checker in HistoryChecks.standard { report.append(checker.check(indexed, promises)) }
        TextOutput.standard.write(json ? report.json + "\n" : report.description)
        let hasFinalReads = history.operations.contains { $0.isFinal && $0.outcome == .ok }
        return report.isClean && (hasFinalReads || report.unchecked.isEmpty) ? 0 : 1
    }
}

/// The promises by the names that people give them.
enum PromiseNames {
    private static let known: [(name: String, path: any WritableKeyPath<Promises, Bool> & Sendable)] = [
        ("keeps-acknowledged", \.keepsAcknowledged), ("no-false-concurrency", \.noFalseConcurrency),
        ("context-wins", \.contextWins), ("clock-independent", \.clockIndependent), ("single-value", \.singleValue),
        ("read-your-writes", \.readYourWrites), ("monotonic-reads", \.monotonicReads),
        ("monotonic-writes", \.monotonicWrites), ("writes-follow-reads", \.writesFollowReads),
        ("no-resurrection", \.noResurrection),
    ]

    static var all: [String] { known.map(\.name) }

    static func promises(_ names: [String]) throws(BenchError) -> Promises {
        var promises = Promises()
        for name in names {
            guard let entry = known.first(where: { $0.name == name }) else {
                throw .usage("--promise: unknown \"\(name)\", known: \(all.joined(separator: ", "))")
            }
            promises[keyPath: entry.path] = true
        }
        return promises
    }
}
