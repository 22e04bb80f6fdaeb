internal import NodeClient
internal import StatorCore
internal import Workload

/// A load's outcome, for people.
enum LoadText {
    static func table(_ tally: LoadTally, _ settings: LoadSettings) -> String {
        let isOpen = settings.workload.loop == .open
        let loop = isOpen ? "open loop, latency from when requests were due" : "closed loop, latency from the sending"
        var lines = [
            "\(tally.offered) requests: \(tally.succeeded) done, \(tally.failed) without effect, \(tally.unknown) unknown"
                + (isOpen ? ", \(tally.neverSent) never sent" : ""),
            "\(loop); \(settings.workload.clients) workers",
            "",
            "kind     requests       p50       p95       p99     p99.9       max  ms",
        ]
        for (kind, histogram) in tally.namedHistograms {
            let values = [50, 95, 99, 99.9, 100].map { histogram.percentile($0).map(milliseconds) ?? "-" }
            lines.append(
                padded(kind, 8, left: true) + padded("\(histogram.count)", 9)
                    + values.map { padded($0, 10) }.joined())
        }
        if !tally.errors.isEmpty {
            lines.append("")
            lines += tally.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10).map {
                "\($0.value) x \($0.key)"
            }
        }
        if tally.isSaturated { lines.append("SATURATED: more was due than was carried out") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func milliseconds(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let filling = String(repeating: " ", count: max(0, width - text.utf8.count))
        return left ? text + filling : filling + text
    }
}
