internal import ArgumentParser
internal import Checking
internal import Composition
internal import StatorCore

/// `stator-bench replay HISTORY`.
struct ReplayCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "replay",
            abstract: "Asks what other conflict resolvers would have made of a recorded history.",
            discussion: """
                The history's writes, with what each had seen, go through every resolver named; the table says what each \
                would have kept, lost and multiplied. Histories come from `simulate --history` and `record`.

                Examples:
                  stator-bench simulate configs/simulation/store.json --seed 7 --history h.jsonl
                  stator-bench replay h.jsonl
                  stator-bench replay h.jsonl --resolvers lww-wall,dotted-version-vector \\
                      --clock-offset-milliseconds 500
                """)
    }

    @Argument(help: ArgumentHelp("The history, as JSON Lines.", valueName: "HISTORY"))
    var path: String

    @Option(help: ArgumentHelp("Kinds joined by commas; all by default.", valueName: "KIND,KIND"))
    var resolvers: String?

    @Option(help: ArgumentHelp("How far each node's clock is off at most, either way.", valueName: "MS"))
    var clockOffsetMilliseconds = 0

    @Option(help: ArgumentHelp("What clock offsets are drawn from.", valueName: "S"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Examples of each category.", valueName: "N"))
    var examples = 3

    @Option(
        help: ArgumentHelp(
            "What writes without a context had seen: as `recorded`, or all that was `acknowledged` before them.",
            valueName: "PAST"))
    var heldPast = "recorded"

    @Flag(help: "Prints the outcome as a JSON array.")
    var json = false

    func replay(_ registry: StrategyRegistry) throws(BenchError) -> Int32 {
        guard let past = ReplayOptions.HeldPast(rawValue: heldPast) else {
            throw .usage("--held-past: found \"\(heldPast)\", expected recorded or acknowledged")
        }
        let offset = Duration.milliseconds(clockOffsetMilliseconds)
        guard offset >= .zero, offset <= ReplayOptions.maximumClockOffset else {
            throw .usage("--clock-offset-milliseconds: found \(clockOffsetMilliseconds), expected 0 to ten years")
        }
        guard (0...1000).contains(examples) else { throw .usage("--examples: found \(examples), expected 0 to 1000") }
        let chosen: [ReplayResolver]
        do throws(ReplayResolver.Refusal) {
            let all = registry.conflictResolvers.map(\.kind).joined(separator: ",")
            chosen = try ReplayResolver.named(resolvers ?? all, in: registry)
        } catch {
            throw .usage("--resolvers: \(error)")
        }
        let options = ReplayOptions(
            clockOffsetMaximum: offset, seed: seed, maximumExamples: examples, heldPast: past)
        let plan = ReplayPlan(try HistoryFile.read(path), options: options)
        let outcomes = chosen.map { CounterfactualReplay(plan, resolver: $0.resolver, kind: $0.kind).run() }
        TextOutput.standard.write(
            json ? ReplayText.json(outcomes).text(pretty: true) : ReplayText.table(outcomes))
        return 0
    }
}

enum HistoryFile {
    static func read(_ path: String) throws(BenchError) -> History {
        let bytes = try TextFile.read(path, maximum: 2 << 30)
        do throws(HistoryFormatError) {
            return try HistoryCodec.decode(bytes)
        } catch {
            throw .configuration("\(path): \(error)")
        }
    }
}
