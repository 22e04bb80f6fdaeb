import ArgumentParser
import NIOHTTP1
import NodeClient

struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the node that is asked join the cluster that its configuration names.",
        discussion: """
            Waits until the node is an active member, which takes as long as its ranges take to arrive.

            EXAMPLES
              statorctl join --node http://127.0.0.1:5004
              statorctl join --node http://127.0.0.1:5004 --no-wait
            """)

    @Flag(name: .long, help: "Return when the change has begun.") var noWait = false
    @Option(name: .long, help: "Seconds to wait at most.") var waitLimit = 3600
    @OptionGroup var options: ClusterOptions

    func run() async throws {
        let cluster = try options.cluster()
        guard let node = cluster.nodes.first, cluster.nodes.count == 1 else {
            throw ValidationError("name exactly one --node: the one that shall join")
        }
        let change = RingChange(cluster: Cluster(nodes: [node]), options: options, limit: .seconds(waitLimit))
        try await change.begin(target: "/admin/join")
        guard !noWait else { return }
        try await change.wait { page in
            let own = page["node"].text ?? ""
            let entry = page["nodes"].elements.first { $0["node"].text == own }
            return entry?["status"].text == "active" && !page["changing"].isTrue
        }
    }
}
