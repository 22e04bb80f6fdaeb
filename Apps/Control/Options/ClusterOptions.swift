import ArgumentParser
import NodeClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which nodes are asked, and how the answer is shown.
struct ClusterOptions: ParsableArguments {
    @Option(
        name: .customLong("node"),
        help: ArgumentHelp(
            "A node's URL; repeat it or separate by commas. The next is tried when one is unreachable. "
                + "Default: $STATOR_NODES, else http://127.0.0.1:5000.", valueName: "url"))
    var nodes: [String] = []

    @Flag(name: .long, help: "Print JSON for programs.")
    var json = false

    /// - Throws: a usage error for what is no URL.
    func cluster() throws -> Cluster {
        var texts = nodes.flatMap { $0.split(separator: ",").map(String.init) }
        if texts.isEmpty, let pointer = getenv("STATOR_NODES") {
            texts = String(cString: pointer).split(separator: ",").map(String.init)
        }
        if texts.isEmpty { texts = ["http://127.0.0.1:\(NodeURL.defaultPort)"] }
        return Cluster(
            nodes: try texts.map { text in
                guard let node = NodeURL(text) else {
                    throw ValidationError("not a node's URL: \(text) (expected http://host:port)")
                }
                return node
            })
    }

    func validate() throws { _ = try cluster() }
}
