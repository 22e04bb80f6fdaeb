internal import Checking
internal import Composition
internal import Simulation
internal import SimulationKit
internal import StatorCore

/// One run's outcome, for people and for programs.
enum ResultText {
    static func text(_ result: RunResult, _ file: SimulationFile, wall: Duration) -> String {
        let operations = result.reads + result.writes
        var lines = [
            "\(file.name.isEmpty ? "simulation" : file.name), seed \(result.seed): "
                + (result.isClean ? "clean" : "FAILED"),
            "hash        \(Token(result.hash))",
            "simulated   \(seconds(result.simulated)) in \(seconds(wall)), \(result.inputs) inputs, "
                + "\(Int(Double(result.inputs) / max(wall.seconds, 1e-9))) a second",
            "operations  \(operations): \(result.reads) reads, \(result.writes) writes; \(result.succeeded) done, "
                + "\(result.failed) without effect, \(result.unknown) unknown",
            "faults      " + faults(result),
            "messages    \(result.network.sent), \(result.network.bytes) bytes; bytes by purpose: "
                + "foreground \(result.traffic.foreground.bytes), hints \(result.traffic.hints.bytes), "
                + "sync \(result.traffic.sync.bytes), transfer \(result.traffic.transfer.bytes), "
                + "membership \(result.traffic.membership.bytes)",
        ]
        if !result.drawn.isEmpty { lines.append("drawn       \(result.drawn.joined(separator: ", "))") }
        if let convergence = result.convergence {
            lines.append("converged   \(seconds(convergence)) after the faults ended")
        }
        lines += result.failures.map { "FAILED      \($0)" }
        return lines.joined(separator: "\n") + "\n" + result.report.description
    }

    static func faults(_ result: RunResult) -> String {
        var parts = result.faults.map { "\($0.count) \($0.faultClass.rawValue)" }
        parts += (result.network.faults + result.disks.faults).filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    static func json(_ result: RunResult, _ file: SimulationFile, wall: Duration) -> String {
        let faults = result.faults.map { JSONMember($0.faultClass.rawValue, .integer($0.count)) }
        let network = (result.network.faults + result.disks.faults).map { JSONMember($0.0, .integer($0.1)) }
        let members = [
            JSONMember("name", .text(file.name)),
            JSONMember("seed", .text("\(result.seed)")),
            JSONMember("drawn", .array(result.drawn.map { .text($0) })),
            JSONMember("clean", .boolean(result.isClean)),
            JSONMember("hash", .text("\(Token(result.hash))")),
            JSONMember("simulatedSeconds", .number(result.simulated.seconds)),
            JSONMember("wallSeconds", .number(wall.seconds)),
            JSONMember("inputs", .integer(result.inputs)),
            JSONMember("reads", .integer(result.reads)),
            JSONMember("writes", .integer(result.writes)),
            JSONMember("succeeded", .integer(result.succeeded)),
            JSONMember("failed", .integer(result.failed)),
            JSONMember("unknown", .integer(result.unknown)),
            JSONMember("faults", .object(faults + network)),
            JSONMember("messages", .integer(result.network.sent)),
            JSONMember("messageBytes", .integer(result.network.bytes)),
            JSONMember("convergenceSeconds", result.convergence.map { .number($0.seconds) } ?? .null),
            JSONMember("failures", .array(result.failures.map { .text($0) })),
        ]
        let head = JSONValue.object(members).text(pretty: false)
        // The report writes its own JSON: put it in as the last member.
        return String(head.trimmingEnd("}")) + ",\"report\":\(result.report.json)}"
    }

    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        let padded = String(repeating: "0", count: max(0, 3 - fraction.utf8.count)) + fraction
        return "\(milliseconds / 1000).\(padded) s"
    }

    static func quotedForShell(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "._-=/,:".utf8.contains(byte)
        }
        return isPlain
            ? text
            : "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
    }
}

extension Duration {
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension String {
    /// Without one last closing character and what white space follows it.
    fileprivate func trimmingEnd(_ last: Character) -> Substring {
        var rest = self[...]
        while let end = rest.last, end.isWhitespace { rest.removeLast() }
        if rest.last == last { rest.removeLast() }
        return rest
    }
}
