internal import NIOCore
internal import NodeClient

extension LocalCluster {
    /// Waits until every node that was started serves, is linked to the other members, and recovers nothing; one that
    /// is no member only has to answer. Paused nodes are left out.
    /// - Throws: ``LocalError/notReady(node:limit:why:log:)``, ``LocalError/endedBeforeReady(node:end:log:)`` or
    ///   ``LocalError/cancelled(waitingFor:)``.
    package func waitUntilReady(within limit: Duration = .seconds(60)) async throws(LocalError) {
        let deadline = ContinuousClock.now + limit
        let waited = nodes.indices.filter { nodes[$0].isAskedToRun && nodes[$0].state != .paused }
        let others = waited.filter { nodes[$0].isMember }.count - 1
        for index in waited {
            try await wait(for: index, until: deadline, limit: limit) { node in
                node.isMember
                    ? await Self.readiness(node, others: others) : await Self.complaint(node, "/health", "healthy")
            }
        }
    }

    /// - Returns: what one member still lacks.
    private static func readiness(_ node: LocalNode, others: Int) async -> String? {
        if let complaint = await complaint(node, "/ready", "ready") { return complaint }
        do throws(LocalError) {
            let stats = try await page(node, "/stats")
            let links = stats["transport"]["links_up"].integer ?? 0
            guard links >= others else { return "\(links) of its links are up, expected \(others)" }
            let recovering = stats["recovering_fraction"].double ?? 1
            return recovering == 0 ? nil : "\(recovering) of its ranges are recovering"
        } catch {
            return "\(error)"
        }
    }

    private static func complaint(_ node: LocalNode, _ target: String, _ state: String) async -> String? {
        do throws(LocalError) {
            let answer = try await answer(node, target)
            return answer.status == 200 ? nil : "it is not \(state): \(answer.errorMessage)"
        } catch {
            return "\(error)"
        }
    }

    /// What keeps the cluster from having got over what happened: a write may be held by fallbacks alone until its hints
    /// are delivered, and a read of all replicas would not see it.
    /// - Returns: a sentence for each node that has not settled; empty where all have. Nodes that are no members and do
    ///   not run are left out.
    package func settlingComplaints() async -> [String] {
        for index in nodes.indices { nodes[index].look() }
        let looked = nodes
        return await withTaskGroup(of: (Int, String?).self) { group in
            for (index, node) in looked.enumerated() { group.addTask { (index, await Self.unsettled(node)) } }
            var found: [(Int, String)] = []
            for await case (let index, let complaint?) in group { found.append((index, complaint)) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func unsettled(_ node: LocalNode) async -> String? {
        switch node.state {
        case .down: return node.isMember ? "node \(node.name) does not run" : nil
        case .paused: return "node \(node.name) is paused"
        case .running: break
        }
        if node.isMember, let complaint = await complaint(node, "/ready", "ready") {
            return "node \(node.name): \(complaint)"
        }
        do throws(LocalError) {
            guard let hints = try await page(node, "/stats")["hints"]["pending"].integer else {
                return "node \(node.name) does not say how many hints it keeps"
            }
            return hints == 0 ? nil : "node \(node.name) keeps \(hints) hints for others"
        } catch {
            return "\(error)"
        }
    }

    /// Waits until nothing keeps the cluster from having settled.
    /// - Returns: what still does after `limit`, or when the task is cancelled; empty where nothing does.
    package func waitUntilSettled(within limit: Duration = .seconds(60)) async -> [String] {
        let deadline = ContinuousClock.now + limit
        while true {
            let complaints = await settlingComplaints()
            if complaints.isEmpty || ContinuousClock.now >= deadline { return complaints }
            do { try await Task.sleep(for: Self.lookInterval) } catch { return complaints }
        }
    }
}
