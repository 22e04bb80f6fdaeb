import NodeClient

/// What a look at every node of a cluster shows.
struct ClusterReport {
    var nodes: [NodeReport]
    var problems: [String] = []
    var remarks: [String] = []

    var isHealthy: Bool { problems.isEmpty }

    /// Asks the first reachable node for the members, then every member and every named node at once.
    static func make(_ cluster: Cluster) async throws -> ClusterReport {
        let targets = try await cluster.members()
        let nodes = await withTaskGroup(of: NodeReport.self) { group in
            for member in targets {
                group.addTask { await NodeReport.make(name: member.name, url: member.url) }
            }
            var found: [NodeReport] = []
            for await report in group { found.append(report) }
            return found.sorted { $0.name < $1.name }
        }
        var report = ClusterReport(nodes: nodes)
        report.judge()
        try await report.judgeQuorums(cluster)
        return report
    }

    private mutating func judge() {
        for node in nodes {
            if let problem = node.problem { problems.append("\(node.name): \(problem)") }
            if let recovering = node.recovering, recovering > 0 {
                problems.append("\(node.name): \(percentage(recovering)) of its ranges are still being recovered")
            }
            if let hints = node.hints, hints > 0 { remarks.append("\(node.name) keeps \(hints) hints for others") }
            if node.areHintsFull { remarks.append("\(node.name) keeps no more hints: its hint store is full") }
            for name in node.suspects { remarks.append("\(node.name) does not hear \(name)") }
        }
        let epochs = Set(nodes.compactMap(\.epoch)).sorted()
        if epochs.count > 1 {
            problems.append("nodes hold different epochs: \(epochs.map(String.init).joined(separator: ", "))")
        }
    }

    /// Whether a majority of the replicas answers in every partition.
    private mutating func judgeQuorums(_ cluster: Cluster) async throws {
        let ring = try await cluster.get("/ring?partitions=true").json
        if ring["changing"].isTrue {
            let pending = ring["pending"].elements.map(\.shown).joined(separator: ", ")
            remarks.append("the ring is changing: \(ring["change_status"].text ?? pending)")
        }
        let serving = Set(nodes.filter(\.isFine).map(\.name))
        let needed = (ring["n"].integer ?? 0) / 2 + 1
        let ranges = ring["ranges"].elements
        let lacking = ranges.filter { range in
            range["replicas"].elements.filter { serving.contains($0.text ?? "") }.count < needed
        }
        if !lacking.isEmpty {
            problems.append("no quorum of \(needed) in \(lacking.count) of \(ranges.count) partitions")
        }
    }

    var json: JSONValue {
        func strings(_ list: [String]) -> JSONValue { .array(list.map(JSONValue.string)) }
        return .object([
            JSONValue.Member(name: "healthy", value: .boolean(isHealthy)),
            JSONValue.Member(name: "nodes", value: .array(nodes.map(\.json))),
            JSONValue.Member(name: "problems", value: strings(problems)),
            JSONValue.Member(name: "notes", value: strings(remarks)),
        ])
    }
}
