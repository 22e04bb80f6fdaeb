import StatorCore

extension NodeConfiguration {
    /// The configuration in force: every field with its value, defaults included, in the order of the schema.
    ///
    /// Reading it gives the same configuration. There are no secrets in it.
    /// - Parameter pretty: for people, on many lines; otherwise on one.
    package func effectiveJSON(pretty: Bool) -> String {
        json.text(pretty: pretty)
    }

    private var json: JSONValue {
        .object([
            JSONMember("node", .object(node.jsonMembers)),
            JSONMember(
                "cluster",
                .object(
                    cluster.jsonMembers + [
                        JSONMember("members", .array(members.map { .object($0.jsonMembers) }))
                    ])),
            JSONMember("replication", .object(replication.jsonMembers)),
            JSONMember("hints", .object(hints.jsonMembers)),
            JSONMember("antiEntropy", .object(antiEntropy.jsonMembers)),
            JSONMember("durability", .object(durability.jsonMembers)),
            JSONMember("resp", .object(resp.jsonMembers)),
            JSONMember(
                "strategies",
                .object([
                    JSONMember(StrategyFamily.partitioner.rawValue, partitioner.json),
                    JSONMember(StrategyFamily.conflictResolver.rawValue, conflictResolver.json),
                    JSONMember(StrategyFamily.membership.rawValue, membership.json),
                    JSONMember(StrategyFamily.sync.rawValue, sync.json),
                    JSONMember(StrategyFamily.storage.rawValue, storage.json),
                ])),
        ])
    }
}
