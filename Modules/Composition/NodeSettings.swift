package import StatorCore

/// This node itself: the `node` object.
package struct NodeSettings: StrategySettings, Hashable {
    /// The levels of swift-log, most talkative first.
    package enum LogLevel: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package var name = ""
    package var zone = MemberSettings.defaultZone
    package var weight = 1
    package var peer = ""
    package var http = ""
    package var resp = ""
    package var shards = 1
    package var recordCache: ByteCount = .mebibytes(64)
    /// Filled in as `data/NAME` where JSON does not set it.
    package var dataFolder = ""
    /// Empty for standard error.
    package var logFile = ""
    package var logLevel = LogLevel.info

    package init() {}

    package static let required = MemberSettings.required

    package static var fields: [SettingField<NodeSettings>] {
        [
            .text("name", \.name, maximumLength: NodeID.maximumLength, MemberSettings.nameHelp),
            .text("peer", \.peer, maximumLength: 300, MemberSettings.peerHelp),
            .text("http", \.http, maximumLength: 300, MemberSettings.httpHelp),
            .text("resp", \.resp, maximumLength: 300, MemberSettings.respHelp),
            .text("zone", \.zone, maximumLength: NodeID.maximumLength, MemberSettings.zoneHelp),
            .integer("weight", \.weight, 1...1000, MemberSettings.weightHelp),
            .integer(
                "shards", \.shards, 1...64,
                "event loops that share this node's part of the keys; it cannot change while there is data"),
            .bytes(
                "recordCacheBytes", \.recordCache, 0...(1 << 40),
                "memory for recently used records, where the storage engine is on disk; 0 asks the engine each time"),
            .text(
                "dataFolder", \.dataFolder, maximumLength: 1024,
                "where everything durable is kept; `data/` and the name where it is empty or not given"),
            .text("logFile", \.logFile, maximumLength: 1024, "where the log goes; standard error where it is empty"),
            .choice("logLevel", \.logLevel, "the least grave messages that are logged"),
        ]
    }

    package func problems() -> [SettingProblem] { member.problems() }

    /// What other nodes have to know of this one.
    var member: MemberSettings {
        var member = MemberSettings()
        member.name = name
        member.zone = zone
        member.weight = weight
        member.peer = peer
        member.http = http
        member.resp = resp
        return member
    }
}

/// One entry of `cluster.members`.
package struct MemberSettings: StrategySettings, Hashable {
    package static let defaultZone = "default"

    package var name = ""
    package var peer = ""
    package var http = ""
    package var resp = ""
    package var zone = defaultZone
    package var weight = 1

    package init() {}

    package static let required = ["name", "peer", "http"]

    static let nameHelp = "the node's name, unique in the cluster forever: letters, digits, `.`, `_`, `-`"
    static let peerHelp = "`host:port` where it listens for other nodes, as they reach it"
    static let httpHelp = "`host:port` where it listens for clients"
    static let respHelp =
        "`host:port` where it listens for clients that speak RESP, as Redis does; it does not where this is empty"
    static let zoneHelp =
        "the failure zone, such as a rack; replicas of a key fall in distinct zones while there are enough"
    static let weightHelp = "the share of the ring relative to other members, where the partitioner honours it"

    package static var fields: [SettingField<MemberSettings>] {
        [
            .text("name", \.name, maximumLength: NodeID.maximumLength, nameHelp),
            .text("peer", \.peer, maximumLength: 300, peerHelp),
            .text("http", \.http, maximumLength: 300, httpHelp),
            .text("resp", \.resp, maximumLength: 300, respHelp),
            .text("zone", \.zone, maximumLength: NodeID.maximumLength, zoneHelp),
            .integer("weight", \.weight, 1...1000, weightHelp),
        ]
    }

    package func problems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        for (field, text) in [("name", name), ("zone", zone)] where !isPlainName(text) {
            found.append(
                SettingProblem(field: field, message: "found \(JSONValue.quoted(text)), expected \(plainName)"))
        }
        for (field, text) in [("peer", peer), ("http", http), ("resp", resp)] {
            // Alone of the three it may be left out.
            if field == "resp", text.isEmpty { continue }
            if let fault = Endpoint.fault(in: text) {
                found.append(
                    SettingProblem(
                        field: field, message: "found \(JSONValue.quoted(text)), expected host:port; \(fault)"))
            }
        }
        if let endpoint = Endpoint(parsing: peer), endpoint.isUnspecified {
            found.append(
                SettingProblem(field: "peer", message: "found \"\(peer)\", which other nodes cannot connect to"))
        }
        if let peer = Endpoint(parsing: peer), let http = Endpoint(parsing: http), peer.collides(with: http) {
            found.append(
                SettingProblem(field: "http", message: "takes the same port as peer, \(peer); each needs its own"))
        }
        if let resp = Endpoint(parsing: resp) {
            for (name, text) in [("peer", peer), ("http", http)] {
                guard let other = Endpoint(parsing: text), other.collides(with: resp) else { continue }
                found.append(
                    SettingProblem(
                        field: "resp", message: "takes the same port as \(name), \(other); each needs its own"))
            }
        }
        return found
    }

    /// - Precondition: no problems were found.
    func member(status: MemberStatus) -> Member {
        guard let peerEndpoint = Endpoint(parsing: peer), let httpEndpoint = Endpoint(parsing: http) else {
            preconditionFailure("member \(name) was not validated")
        }
        return Member(
            node: NodeID(name), status: status, zone: zone, weight: weight, peerEndpoint: peerEndpoint,
            httpEndpoint: httpEndpoint, respEndpoint: Endpoint(parsing: resp))
    }
}

/// What names of nodes, zones and clusters are made of.
private let plainName = "1 to \(NodeID.maximumLength) characters of A-Z a-z 0-9 . _ -"

/// A name that may stand in a path: not `.` or `..` either, since a node's folder is named after it.
private func isPlainName(_ text: String) -> Bool {
    NodeID.isValid(text) && text != "." && text != ".."
}

/// The cluster's own fields, next to `members`: the `cluster` object.
package struct ClusterSettings: StrategySettings, Hashable {
    package var name = ""

    package init() {}

    package static let required = ["name"]

    package static var fields: [SettingField<ClusterSettings>] {
        [
            .text(
                "name", \.name, maximumLength: NodeID.maximumLength,
                "the cluster's name: nodes of differently named clusters refuse one another")
        ]
    }

    package func problems() -> [SettingProblem] {
        if isPlainName(name) { return [] }
        return [SettingProblem(field: "name", message: "found \(JSONValue.quoted(name)), expected \(plainName)")]
    }
}

/// How the node speaks RESP: the `resp` object.
package struct RESPInterfaceSettings: StrategySettings, Hashable {
    package enum Conditional: String, CaseIterable, Sendable {
        case refused
        case bestEffort = "best-effort"
    }

    package var conditional = Conditional.refused

    package init() {}

    package static var fields: [SettingField<RESPInterfaceSettings>] {
        [
            .choice(
                "conditional", \.conditional,
                "commands that look before they write (NX, XX, GETSET, INCR, APPEND): refused, or one step at "
                    + "the key's coordinator, of which there may be two while failures are being detected")
        ]
    }
}
