import ArgumentParser
import ClusterKit
import NodeClient

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the health of the whole cluster.",
        discussion: """
            Asks every member that can be found, and judges by what each says of itself and of the others. Healthy means:
            every member answers, is ready and reaches all others, none refuses another, all hold the same view and the
            same settings where these must be the same, a majority of the replicas answers in every partition, and no
            disk is in doubt. Hints that wait, a change under way and settings that may differ are told, but are not
            unhealthy. Exit status 1 when unhealthy, 4 when none of the named nodes answers.

            EXAMPLES
              statorctl status
              statorctl status --node http://127.0.0.1:5000,http://127.0.0.1:5001 --json
              statorctl status --wait 300
              statorctl status --changing replication.w
            """)

    @Option(
        help: ArgumentHelp("Ask again until the cluster is healthy, for so many seconds at most.", valueName: "seconds")
    )
    var wait = 0
    @Option(
        help: ArgumentHelp(
            "A setting that is being changed node by node: that it differs is told, and is not unhealthy. May be "
                + "repeated.", valueName: "path"))
    var changing: [String] = []
    @OptionGroup var options: ClusterOptions

    func validate() throws {
        guard wait >= 0 else { throw ValidationError("--wait is \(wait), expected 0 or more seconds") }
    }

    func run() async throws {
        let verdict = try await verdict()
        if options.json {
            let nodes = JSONValue.Member(name: "nodes", value: .array(verdict.looks.map(verdict.json)))
            Terminal.print(JSONValue.object([nodes] + verdict.members).serialized)
        } else {
            show(verdict)
        }
        if !verdict.isHealthy { throw Outcome.failed }
    }

    /// The last one, where it is waited for a better.
    private func verdict() async throws -> ClusterVerdict {
        let cluster = try options.cluster()
        let deadline = ContinuousClock.now + .seconds(wait)
        while true {
            // Who waits wants to know that a restarted node is found, not that it may be in a moment.
            let verdict = await ClusterVerdict.make(asking: cluster.nodes, changing: changing, isStrict: wait > 0)
            if let verdict, verdict.isHealthy { return verdict }
            guard ContinuousClock.now < deadline else {
                if let verdict { return verdict }
                Terminal.complain(
                    "no node could be reached: \(cluster.nodes.map(\.description).joined(separator: ", "))")
                throw Outcome.unreachable
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func show(_ verdict: ClusterVerdict) {
        var table = Table("NODE", "STATE", "EPOCH", "REACHES", "KEYS", "HINTS", "RECOVERING", "URL")
        for look in verdict.looks {
            let state = verdict.state(of: look.name)
            table.add([
                Table.Cell(look.name), Table.Cell(state.rawValue, state == .ready ? .green : .red),
                Table.Cell(look.epoch.map(String.init) ?? "-"), Table.Cell(Self.reached(look)),
                Table.Cell(look.keys.map(String.init) ?? "-"), Table.Cell(look.hints.map(String.init) ?? "-"),
                Table.Cell(look.recovering.map { percentage($0) } ?? "-"), Table.Cell(look.url.description),
            ])
        }
        table.show()
        Terminal.print("")
        verdict.showSentences()
    }

    /// How many of the members it reaches, itself among them.
    private static func reached(_ look: MemberLook) -> String {
        guard look.epoch != nil else { return "-" }
        let count = look.members.count { $0.name == look.name || look.reaches($0.name) }
        return "\(count)/\(look.members.count)"
    }
}
