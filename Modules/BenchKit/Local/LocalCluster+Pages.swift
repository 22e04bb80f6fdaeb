internal import NIOCore
internal import NIOHTTP1
internal import NodeClient

extension LocalCluster {
    /// Between two looks at something that is waited for.
    static let lookInterval = Duration.milliseconds(50)

    /// How long a node may take to show a page.
    static let pageLimit = TimeAmount.seconds(3)

    /// A page of a node, whatever its status.
    static func answer(
        _ node: LocalNode, _ target: String, method: HTTPMethod = .GET, limit: TimeAmount = pageLimit
    ) async throws(LocalError) -> HTTPAnswer {
        do throws(CallFailure) {
            return try await HTTPClient.send(HTTPCall(method: method, target: target, timeout: limit), to: node.url)
        } catch {
            throw .noAnswer(node: node.name, why: error.why)
        }
    }

    /// A page's JSON.
    /// - Throws: ``LocalError/noAnswer(node:why:)``, also where its status is not 200.
    static func page(_ node: LocalNode, _ target: String) async throws(LocalError) -> JSONValue {
        let answer = try await answer(node, target)
        guard answer.status == 200 else {
            throw .noAnswer(node: node.name, why: "\(target) has status \(answer.status): \(answer.errorMessage)")
        }
        return answer.json
    }

    /// Waits until nothing is wrong with a node any more.
    /// - Parameter complaint: what is wrong, `nil` where nothing is.
    /// - Throws: ``LocalError``: not ready at the deadline, ended, or cancelled.
    func wait(
        for index: Int, until deadline: ContinuousClock.Instant, limit: Duration,
        _ complaint: @Sendable (LocalNode) async -> String?
    ) async throws(LocalError) {
        let name = names[index]
        while true {
            nodes[index].look()
            let node = nodes[index]
            if node.process == nil {
                guard node.isAskedToRun, let end = node.unexpectedEnds.last else { throw .notRunning(node: name) }
                throw .endedBeforeReady(node: name, end: end.end, log: end.log)
            }
            guard let why = await complaint(node) else { return }
            guard ContinuousClock.now < deadline else {
                throw .notReady(node: name, limit: limit, why: why, log: node.lastLines)
            }
            do { try await Task.sleep(for: Self.lookInterval) } catch { throw .cancelled(waitingFor: "node \(name)") }
        }
    }
}
