internal import NIOCore
internal import NodeClient

/// Asks nodes what they say of themselves, on connections that are kept.
actor NodeWatch {
    private static let patience = TimeAmount.milliseconds(1500)
    private var connections: [NodeURL: NodeConnection] = [:]

    struct Question: Sendable {
        let name: String
        let url: NodeURL
        /// The first event that is not known.
        let since: Int
    }

    struct Answer: Sendable {
        let name: String
        let sample: JSONValue?
        let silence: String?
    }

    func ask(_ questions: [Question]) async -> [Answer] {
        await withTaskGroup(of: Answer.self) { group in
            for question in questions { group.addTask { await self.ask(question) } }
            var answers: [Answer] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
    }

    private func ask(_ question: Question) async -> Answer {
        do throws(CallFailure) {
            let connection = try await connection(to: question.url)
            let answer = try await connection.send(
                HTTPCall(target: "/dashboard/state?since=\(question.since)", timeout: Self.patience))
            guard answer.status == 200 else {
                return Answer(name: question.name, sample: nil, silence: answer.errorMessage)
            }
            let sample = answer.json
            guard sample["node"].text == question.name else {
                return Answer(name: question.name, sample: nil, silence: "its address answers as another node")
            }
            return Answer(name: question.name, sample: sample, silence: nil)
        } catch {
            connections[question.url] = nil
            return Answer(name: question.name, sample: nil, silence: error.why)
        }
    }

    private func connection(to url: NodeURL) async throws(CallFailure) -> NodeConnection {
        if let kept = connections[url], kept.isOpen { return kept }
        let opened = try await NodeConnection.open(url)
        connections[url] = opened
        return opened
    }
}
