import ArgumentParser
import NodeClient

struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a live table of nodes: operations, latencies, hints, repair.",
        discussion: """
            Renewed every second until Ctrl-C; once where the output is no terminal. Latencies are of the last second
            and of the node that was asked. With --json each look is one line.

            EXAMPLES
              statorctl top
              statorctl top --count 1
              statorctl top --interval 5 --json
            """)

    @Option(name: .long, help: "Seconds between two looks.") var interval = 1
    @Option(name: .long, help: "How many looks are taken; 0 for no end.") var count: Int?
    @OptionGroup var options: ClusterOptions

    func validate() throws {
        guard (1...3600).contains(interval) else {
            throw ValidationError("--interval is \(interval), expected 1 to 3600 seconds")
        }
        guard count.map({ $0 >= 0 }) ?? true else { throw ValidationError("--count is negative") }
    }

    func run() async throws {
        let cluster = try options.cluster()
        var members = try await cluster.members()
        if Terminal.isOutputTerminal, !options.json, count != 1 { Terminal.write(Array("\u{1B}[2J".utf8)) }
        let isLive = Terminal.isOutputTerminal && !options.json && count != 1
        let looks = count ?? (Terminal.isOutputTerminal ? 0 : 1)
        var taken = 0
        while true {
            let pages = await Cluster.pages("/dashboard/state", of: members)
            if pages.contains(where: { $0.page != nil }) { members = await cluster.membersQuietly() ?? members }
            show(pages, isLive: isLive)
            taken += 1
            guard looks == 0 || taken < looks else { return }
            try await Task.sleep(for: .seconds(interval))
        }
    }

    private func show(_ pages: [MemberPage], isLive: Bool) {
        if options.json {
            return Terminal.print(
                JSONValue.object(
                    pages.map { JSONValue.Member(name: $0.member.name, value: $0.page ?? .null) }
                ).serialized)
        }
        var table = Table(
            "NODE", "STATE", "EPOCH", "GET/S", "PUT/S", "GET P99", "PUT P99", "ERRORS/S", "HINTS", "ROUND", "KEYS",
            "DISK",
            "NOT HEARD")
        for entry in pages { table.add(row(entry)) }
        let head = heading(pages)
        guard isLive else {
            Terminal.print(head)
            return table.show()
        }
        // Home, each line cleared behind its text, the rest cleared: nothing flickers.
        let lines = ([head, ""] + table.lines + ["", "Ctrl-C ends."]).map { $0 + "\u{1B}[K\n" }.joined()
        Terminal.write(Array(("\u{1B}[H" + lines + "\u{1B}[J").utf8))
    }

    private func heading(_ pages: [MemberPage]) -> String {
        let serving = pages.filter { $0.page?["ready"].isTrue == true }
        let epochs = Set(serving.compactMap { $0.page?["epoch"].integer }).sorted().map(String.init)
        let hints = serving.reduce(0) { $0 + ($1.page?["hints"]["pending"].integer ?? 0) }
        return "\(serving.count) of \(pages.count) nodes serve, epoch \(epochs.joined(separator: " and ")), "
            + (hints == 1 ? "1 hint waits" : "\(hints) hints wait")
    }

    private func row(_ entry: MemberPage) -> [Table.Cell] {
        guard let page = entry.page else {
            return [Table.Cell(entry.member.name), Table.Cell("no answer", .red)]
        }
        let window = page["window"]
        let seconds = max(0.001, (window["milliseconds"].double ?? 1000) / 1000)
        func rate(_ kind: String) -> String {
            fixed((window["latency_microseconds"][kind]["count"].double ?? 0) / seconds, 0)
        }
        func p99(_ kind: String) -> String {
            window["latency_microseconds"][kind]["p99"].double.map { fixed($0 / 1000, 2) + " ms" } ?? "-"
        }
        let isReady = page["ready"].isTrue
        let round = page["round"]
        let left = (round["waiting"].integer ?? 0) + (round["under_way"].integer ?? 0)
        let all = round["sessions"].integer ?? 0
        let unheard = page["members"].elements.filter { $0["liveness"].text != "alive" }.map { $0["node"].shown }
        let hints = page["hints"]["pending"].integer ?? 0
        return [
            Table.Cell(entry.member.name), Table.Cell(isReady ? "serves" : "not ready", isReady ? .green : .yellow),
            Table.Cell(page["epoch"].shown), Table.Cell(rate("get")), Table.Cell(rate("put")), Table.Cell(p99("get")),
            Table.Cell(p99("put")), Table.Cell(fixed((window["errors"].double ?? 0) / seconds, 0)),
            Table.Cell(String(hints), hints > 0 ? .yellow : nil), Table.Cell("\(max(0, all - left))/\(all)"),
            Table.Cell(page["keys"]["live"].shown), Table.Cell(size(page["storage"]["disk_bytes"].double ?? 0)),
            Table.Cell(unheard.isEmpty ? "-" : unheard.joined(separator: ","), unheard.isEmpty ? nil : .red),
        ]
    }

    private func size(_ bytes: Double) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (bytes, 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return fixed(value, unit == 0 ? 0 : 1) + " " + units[unit]
    }
}
