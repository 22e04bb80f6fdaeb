internal import NodeClient

/// What the members know and are set to, compared.
extension ClusterVerdict {
    /// Epochs, members and their addresses are to be the same everywhere.
    mutating func judgeViews() {
        let answering = answering
        let epochs = answering.compactMap { look in look.epoch.map { (name: look.name, value: "epoch \($0)") } }
        if Set(epochs.map(\.value)).count > 1 {
            problems.append(
                "the members hold different views: \(Sentence.values(epochs)); those behind learn of the later one as soon "
                    + "as they reach one that holds it")
            return
        }
        let lists = answering.map { look in
            (name: look.name, value: look.members.map { "\($0.name) (\($0.status))" }.joined(separator: " "))
        }
        if Set(lists.map(\.value)).count > 1 {
            problems.append(
                "the members know different members in the same epoch: \(Sentence.values(lists)); cluster.members must be the "
                    + "same in the files that a cluster begins with")
        }
        for name in Sentence.distinct(answering.flatMap { $0.members.map(\.name) }) {
            let known = answering.compactMap { look in
                look.members.first { $0.name == name }.map { (name: look.name, value: $0.peer) }
            }
            if Set(known.map(\.value)).count > 1 {
                problems.append(
                    "the peer address of \(name) is \(Sentence.values(known)); it must be the same in all files")
            }
        }
    }

    /// Paths, and all below them, that all members must have alike: what places keys and merges records, and what the
    /// promises of quorums count on.
    static let common = [
        "cluster.name", "node.shards", "replication.n", "replication.r", "replication.w", "replication.fallbacks",
        "replication.sloppy", "replication.maximumValueBytes", "replication.maximumRecordBytes",
        "strategies.partitioner", "strategies.conflictResolver", "strategies.membership.kind", "strategies.sync",
    ]
    /// What is each node's own.
    private static let own = ["node", "cluster.members"]
    private static let maximumSentences = 16

    /// - Parameter refused: settings for which nodes refuse one another, of which that was said.
    mutating func judgeSettings(except refused: [String]) {
        let tables = answering.filter { $0.settings != .null }.map { look in
            (name: look.name, values: Self.flat(look.settings))
        }
        var sentences: [(text: String, isProblem: Bool)] = []
        for path in Sentence.distinct(tables.flatMap { $0.values.map(\.path) }) {
            let isCommon = Self.common.contains { Self.covers($0, path) }
            if !isCommon, Self.own.contains(where: { Self.covers($0, path) }) { continue }
            if refused.contains(where: { Self.covers(Self.path(ofRefused: $0), path) }) { continue }
            let held = tables.map { table in
                (name: table.name, value: table.values.first { $0.path == path }?.value ?? "not set")
            }
            guard Set(held.map(\.value)).count > 1 else { continue }
            let isChanging = settings.changing.contains { Self.covers($0, path) }
            let text = "\(path) is \(Sentence.values(held))"
            sentences.append(
                isCommon && !isChanging
                    ? (
                        "\(text); it must be the same everywhere: set it right, and start those nodes again one by one",
                        true
                    )
                    : (text, false))
        }
        let found = sentences.filter(\.isProblem).map(\.text)
        problems += found.prefix(Self.maximumSentences)
        if found.count > Self.maximumSentences {
            problems.append("\(found.count - Self.maximumSentences) more settings differ")
        }
        notes += sentences.filter { !$0.isProblem }.map(\.text).prefix(Self.maximumSentences)
    }

    private static func covers(_ prefix: String, _ path: String) -> Bool {
        path == prefix || path.hasPrefix(prefix + ".")
    }

    /// As the configuration names what the handshake names.
    private static func path(ofRefused setting: String) -> String {
        switch setting {
        case "hash": "strategies.partitioner"
        case "partitioner", "conflictResolver": "strategies.\(setting)"
        default: setting
        }
    }

    /// The leaves of a configuration, by dotted path; lists are leaves.
    private static func flat(_ page: JSONValue, _ prefix: String = "") -> [(path: String, value: String)] {
        guard case .object(let members) = page else { return [(prefix, page.serialized)] }
        return members.flatMap { flat($0.value, prefix.isEmpty ? $0.name : "\(prefix).\($0.name)") }
    }
}
