internal import NodeClient
internal import Processes

/// Something that a node listens on.
struct NodeAddress: Hashable, Sendable {
    /// The setting that names it: `http`, `peer`, `resp`.
    let kind: String
    let url: NodeURL

    private static let otherSettings: Set<String> = ["name", "zone", "dataFolder", "logFile"]

    /// Every address of a `node` object, or of an entry of `cluster.members`: what is a text with a host and a port, so
    /// that a kind of address that comes later is found as well.
    static func all(in object: JSONValue) -> [NodeAddress] {
        object.members.compactMap { member in
            guard !otherSettings.contains(member.name), let text = member.value.text, text.contains(":"),
                let url = NodeURL(text)
            else { return nil }
            return NodeAddress(kind: member.name, url: url)
        }
    }

    /// Addresses for one more node: of each kind that `pattern` has, the first port behind those of its kind that nobody
    /// is to have and nobody listens on; far from there where the hundred behind are taken.
    ///
    /// - Parameter taken: of all nodes, also of those that do not run.
    /// - Throws: where no port is free.
    static func next(
        _ pattern: [NodeAddress], behind taken: [NodeAddress], isFree: (Int) -> Bool = FreePorts.isFree,
        anyFree: () throws(ProcessError) -> Int = FreePorts.take
    ) throws(ClusterError) -> [NodeAddress] {
        var ports = Set(taken.map(\.url.port))
        var found: [NodeAddress] = []
        for address in pattern {
            let first = (taken.filter { $0.kind == address.kind }.map(\.url.port).max() ?? 0) + 1
            let near = (first..<max(first, min(first + searched, 65_536))).first { !ports.contains($0) && isFree($0) }
            var port = near ?? 0
            while near == nil, port == 0 || ports.contains(port) { port = try ClusterError.of(anyFree) }
            ports.insert(port)
            found.append(NodeAddress(kind: address.kind, url: NodeURL(host: "127.0.0.1", port: port)))
        }
        return found
    }

    /// How many ports behind the others are looked at.
    private static let searched = 100
}
