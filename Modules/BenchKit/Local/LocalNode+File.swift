internal import Composition

extension LocalNode {
    /// The node's configuration file.
    /// - Parameters:
    ///   - members: the cluster's first members.
    ///   - sections: what all nodes share.
    func file(cluster: String, members: [LocalNode], shards: Int, sections: [JSONMember]) -> String {
        let own: [JSONMember] = [
            JSONMember("shards", .integer(shards)),
            JSONMember("dataFolder", .text(dataFolder)),
            // To standard error, which goes to the node's log.
            JSONMember("logFile", .text("")),
            JSONMember("logLevel", .text("warning")),
        ]
        let shared: [JSONMember] = [
            JSONMember("name", .text(cluster)),
            JSONMember("members", .array(members.map { .object($0.addresses) })),
        ]
        let document = [JSONMember("node", .object(addresses + own)), JSONMember("cluster", .object(shared))] + sections
        return JSONValue.object(document).text(pretty: true)
    }

    private var addresses: [JSONMember] {
        [
            JSONMember("name", .text(name)),
            JSONMember("peer", .text("127.0.0.1:\(peerPort)")),
            JSONMember("http", .text("127.0.0.1:\(httpPort)")),
            JSONMember("zone", .text(zone)),
        ]
    }
}
