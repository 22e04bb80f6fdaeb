import Foundation

/// A node's configuration file, with short intervals so that tests need not wait.
struct NodeFile {
    var name: String
    var peerPort: Int
    var httpPort: Int
    var respPort: Int?
    var dataFolder: String
    var cluster = "e2e"
    var members: [Member]
    /// By dotted path, over the defaults. Naming a strategy's kind drops the defaults of its settings.
    var settings: [String: Any] = [:]

    struct Member {
        var name: String
        var peerPort: Int
        var httpPort: Int
        var respPort: Int?

        var object: [String: Any] {
            var object = ["name": name, "peer": "127.0.0.1:\(peerPort)", "http": "127.0.0.1:\(httpPort)"]
            if let respPort { object["resp"] = "127.0.0.1:\(respPort)" }
            return object
        }
    }

    private static let defaults: [String: any Sendable] = [
        "replication.n": 3, "replication.r": 2, "replication.w": 2,
        "replication.requestTimeoutMilliseconds": 5000,
        "replication.replicaTimeoutMilliseconds": 400,
        "hints.deliveryIntervalMilliseconds": 200,
        "antiEntropy.intervalMilliseconds": 500,
        "antiEntropy.sessionIdleTimeoutMilliseconds": 1500,
        "strategies.partitioner.kind": "vnode-ring",
        "strategies.partitioner.tokensPerNode": 32,
        "strategies.membership.kind": "gossip",
        "strategies.membership.intervalMilliseconds": 200,
        "strategies.membership.minimumDeviationMilliseconds": 200,
        "strategies.membership.acceptablePauseMilliseconds": 1000,
    ]

    func bytes() throws -> [UInt8] {
        var flat: [String: Any] = NodeFile.defaults
        for path in settings.keys.sorted() where path.hasSuffix(".kind") {
            let family = String(path.dropLast("kind".count))
            for known in flat.keys.sorted() where known.hasPrefix(family) { flat[known] = nil }
        }
        flat.merge(settings) { $1 }
        var whole: [String: Any] = [:]
        for path in flat.keys.sorted() {
            guard let value = flat[path] else { continue }
            NodeFile.set(path.components(separatedBy: "."), to: value, in: &whole)
        }
        var own = Member(name: name, peerPort: peerPort, httpPort: httpPort, respPort: respPort).object
        own["dataFolder"] = dataFolder
        own.merge(whole["node"] as? [String: Any] ?? [:]) { $1 }
        whole["node"] = own
        whole["cluster"] = ["name": cluster, "members": members.map(\.object)] as [String: Any]
        return try JSON.bytes(whole, pretty: true)
    }

    private static func set(_ path: [String], to value: Any, in object: inout [String: Any]) {
        guard let name = path.first else { return }
        if path.count == 1 {
            object[name] = value
        } else {
            var inner = object[name] as? [String: Any] ?? [:]
            set(Array(path.dropFirst()), to: value, in: &inner)
            object[name] = inner
        }
    }
}
