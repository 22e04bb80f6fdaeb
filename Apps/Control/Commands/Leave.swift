import ArgumentParser
import NIOHTTP1
import NodeClient

struct Leave: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the node that is asked leave the cluster, or give up a joining member.",
        discussion: """
            Waits until the others hold all that it owned, and nothing of it is left there: then it may be stopped.

            EXAMPLES
              statorctl leave --node http://127.0.0.1:5003
              statorctl leave --member E
            """)

    @Option(name: .long, help: "A joining member that is given up, instead of the node that is asked.")
    var member: String?
    @Flag(name: .long, help: "Return when the change has begun.") var noWait = false
    @Option(name: .long, help: "Seconds to wait at most.") var waitLimit = 3600
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let cluster = try options.cluster()
        let change = RingChange(cluster: cluster, options: options, limit: .seconds(waitLimit))
        var name = member
        if name == nil {
            guard cluster.nodes.count == 1 else {
                throw ValidationError("name exactly one --node, the one that shall leave, or --member")
            }
            name = try await cluster.get("/gossip").json["node"].text
        }
        try await change.begin(target: "/admin/leave" + (member.map { "?node=" + percentEncoded($0) } ?? ""))
        guard !noWait else { return }
        try await change.wait { page in
            !page["nodes"].elements.contains { $0["node"].text == name } && !page["changing"].isTrue
        }
        if member == nil { try await change.waitUntilEmpty() }
    }
}
