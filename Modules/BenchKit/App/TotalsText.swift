internal import Checking
internal import Composition
internal import SimulationKit
internal import StatorCore

/// Many runs' outcome, for people and for programs.
enum TotalsText {
    static func text(_ totals: CampaignTotals, _ file: SimulationFile, wall: Duration) -> String {
        let hours = Double(totals.simulatedNanoseconds) / 3.6e12
        let speed = Double(totals.simulatedNanoseconds) / 1e9 / max(wall.seconds, 1e-9)
        let operations = totals.reads + totals.writes
        let converged = max(totals.runs - totals.unfinished, 1)
        var lines = [
            "\(file.name.isEmpty ? "simulation" : file.name), \(totals.runs) runs: "
                + (totals.isClean
                    ? (totals.expectedSeeds.isEmpty ? "clean" : "none failed anew")
                    : "\(totals.failedSeeds.count) FAILED")
                + (totals.expectedSeeds.isEmpty ? "" : ", \(totals.expectedSeeds.count) failed as is known"),
            "hash        \(Token(totals.hash))",
            "simulated   \(decimal(hours)) hours in \(ResultText.seconds(wall)), \(Int(speed)) times real time, "
                + "\(totals.inputs) inputs, \(Int(Double(totals.inputs) / max(wall.seconds, 1e-9))) a second",
            "operations  \(operations): \(totals.reads) reads, \(totals.writes) writes; \(totals.succeeded) done, "
                + "\(totals.failed) without effect, \(totals.unknown) unknown",
            "messages    \(totals.messages), \(totals.bytes) bytes",
            "converged   on average \(ResultText.seconds(.nanoseconds(totals.convergenceSum / Int64(converged)))) "
                + "after the faults, at most \(ResultText.seconds(.nanoseconds(totals.convergenceMaximum)))",
            "faults",
        ]
        lines += totals.faults.sorted { $0.key < $1.key }.map { "  \($0.value) \($0.key)" }
        if !totals.drawn.isEmpty {
            lines.append("drawn")
            lines += totals.drawn.sorted { $0.key < $1.key }.map { "  \($0.value) runs with \($0.key)" }
        }
        lines.append("checkers")
        for checker in totals.checkers {
            let outcome =
                switch (checker.promisedRuns, checker.broken) {
                case (0, _): "not promised, \(checker.violations) violations"
                case (checker.runs, 0): "holds"
                case (let runs, 0):
                    "holds in the \(runs) runs that promise it, \(checker.violations) violations in others"
                case (_, let count): "BROKEN, \(count) violations"
                }
            lines.append("  \(checker.checker): \(outcome)")
            lines += checker.rates.map { "    \($0.name): \($0.count) of \($0.total)\(percent($0))" }
        }
        if !totals.failedSeeds.isEmpty {
            lines.append("failed seeds: \(seeds(totals.failedSeeds, totals))")
        }
        if !totals.expectedSeeds.isEmpty {
            lines.append("failed as is known: \(seeds(totals.expectedSeeds, totals))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The first of them, with what failed.
    private static func seeds(_ seeds: [UInt64], _ totals: CampaignTotals) -> String {
        seeds.sorted().prefix(20).map { seed in
            "\(seed) (\((totals.failingCheckers[seed] ?? []).joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    static func json(_ totals: CampaignTotals, _ file: SimulationFile, wall: Duration) -> String {
        let faults = totals.faults.sorted { $0.key < $1.key }.map { JSONMember($0.key, .integer($0.value)) }
        let checkers = totals.checkers.map { checker in
            JSONValue.object([
                JSONMember("checker", .text(checker.checker)),
                JSONMember("promised", .boolean(checker.promisedRuns > 0)),
                JSONMember("promisedRuns", .integer(checker.promisedRuns)),
                JSONMember("broken", .integer(checker.broken)),
                JSONMember("violations", .integer(checker.violations)),
                JSONMember(
                    "rates",
                    .array(
                        checker.rates.map {
                            .object([
                                JSONMember("name", .text($0.name)), JSONMember("count", .integer($0.count)),
                                JSONMember("total", .integer($0.total)),
                            ])
                        })),
            ])
        }
        return JSONValue.object([
            JSONMember("name", .text(file.name)),
            JSONMember("runs", .integer(totals.runs)),
            JSONMember("clean", .boolean(totals.isClean)),
            JSONMember("failedSeeds", .array(totals.failedSeeds.sorted().map { .text("\($0)") })),
            JSONMember("expectedSeeds", .array(totals.expectedSeeds.sorted().map { .text("\($0)") })),
            JSONMember("hash", .text("\(Token(totals.hash))")),
            JSONMember("simulatedSeconds", .number(Double(totals.simulatedNanoseconds) / 1e9)),
            JSONMember("wallSeconds", .number(wall.seconds)),
            JSONMember("inputs", .integer(totals.inputs)),
            JSONMember("reads", .integer(totals.reads)),
            JSONMember("writes", .integer(totals.writes)),
            JSONMember("succeeded", .integer(totals.succeeded)),
            JSONMember("failed", .integer(totals.failed)),
            JSONMember("unknown", .integer(totals.unknown)),
            JSONMember("messages", .integer(totals.messages)),
            JSONMember("messageBytes", .integer(totals.bytes)),
            JSONMember("faults", .object(faults)),
            JSONMember("checkers", .array(checkers)),
        ]).text(pretty: false)
    }

    private static func percent(_ rate: Rate) -> String {
        rate.count == 0 ? "" : " (\(decimal(rate.fraction * 100))%)"
    }

    /// With three digits after the point.
    static func decimal(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(abs(thousandths) % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }
}
