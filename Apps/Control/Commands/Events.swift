import ArgumentParser
import NodeClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what happened at the nodes lately.",
        discussion: """
            What each member tells, in the order of time: who suspects whom, for whom writes are kept and handed over,
            repairs, conflicts, changes of the ring. With --json each event is one line.

            EXAMPLES
              statorctl events
              statorctl events --follow
              statorctl events --limit 200 --json
            """)

    @Flag(name: .shortAndLong, help: "Go on until Ctrl-C.") var follow = false
    @Option(name: .long, help: "How many of the past are shown at most.") var limit = 50
    @OptionGroup var options: ClusterOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit is \(limit), expected 0 or more") }
    }

    func run() async throws {
        let cluster = try options.cluster()
        var members = try await cluster.members()
        var seen: [String: (started: Int, next: Int)] = [:]
        show(take(try await Cluster.pages("/events", of: members).answered(), &seen).suffix(limit))
        while follow {
            try await Task.sleep(for: .seconds(1))
            let pages = await Cluster.pages("/events", of: members)
            // A member that came meanwhile has a story, too.
            if pages.contains(where: { $0.page != nil }) { members = await cluster.membersQuietly() ?? members }
            show(take(pages.compactMap { entry in entry.page.map { (entry.member.name, $0) } }, &seen)[...])
        }
    }

    private struct Event {
        var node: String
        var value: JSONValue
        var time: Int { value["time_ms"].integer ?? 0 }
    }

    private func take(
        _ pages: [(name: String, page: JSONValue)], _ seen: inout [String: (started: Int, next: Int)]
    ) -> [Event] {
        var news: [Event] = []
        for (name, page) in pages {
            let started = page["started_ms"].integer ?? 0
            let known = seen[name].flatMap { $0.started == started ? $0.next : nil } ?? 0
            for event in page["events"].elements where (event["number"].integer ?? 0) >= known {
                news.append(Event(node: name, value: event))
            }
            seen[name] = (started, page["next"].integer ?? 0)
        }
        return news.sorted { ($0.time, $0.node) < ($1.time, $1.node) }
    }

    private func show(_ events: ArraySlice<Event>) {
        for event in events {
            if options.json {
                let node = JSONValue.Member(name: "node", value: .string(event.node))
                Terminal.print(JSONValue.object([node] + event.value.members).serialized)
            } else {
                let kind = event.value["kind"].shown
                let colour: Terminal.Colour? =
                    ["failure", "storage"].contains(kind)
                    ? .red : ["liveness", "quorum"].contains(kind) ? .yellow : nil
                let text = Table.Cell(event.value["text"].shown).text
                Terminal.print("\(Self.clock(event.time))  \(event.node)  \(Terminal.coloured(text, colour))")
            }
        }
    }

    /// In the zone of who looks.
    private static func clock(_ milliseconds: Int) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 16)
        strftime(&text, text.count, "%H:%M:%S", &parts)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
