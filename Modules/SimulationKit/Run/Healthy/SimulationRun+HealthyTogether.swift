internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore

/// Requests of one key at the same time, at all members of the healthy cluster: of those on one condition one succeeds,
/// and increments add up.
extension SimulationRun {
    func tryTogether() {
        expectOneOfAll()
        expectSum()
    }

    private func expectOneOfAll() {
        guard let key = try? Key("healthy together") else { return }
        let contents = healthyMembers.indices.map { Content(form: .raw, bytes: ByteBuffer(string: "by \($0)")) }
        var responses = askTogether(key) { number in
            let write = VersionWrite(content: contents[number], basis: .held)
            return (.write(write), RequestOptions(precondition: .absent))
        }
        let context = expectOne(of: responses, key, "that nothing is there")
        guard let context else { return }
        responses = askTogether(key) { number in
            let write = VersionWrite(content: contents[number], basis: .held)
            return (.write(write), RequestOptions(precondition: .context(context)))
        }
        _ = expectOne(of: responses, key, "of one context")
    }

    /// - Returns: the context of the one that succeeded.
    private func expectOne(of responses: [ClientResponse], _ key: Key, _ condition: String) -> ByteBuffer? {
        var contexts: [ByteBuffer] = []
        for case .stored(let outcome) in responses { contexts.append(outcome.context) }
        let refused = responses.count { $0 == .failed(.preconditionFailed) }
        healthy.expect(
            contexts.count == 1 && refused == healthyMembers.count - 1, key: key.displayText,
            "of \(healthyMembers.count) writes at once on the condition \(condition): "
                + responses.map { said($0) }.joined(separator: "; "))
        return contexts.count == 1 ? contexts[0] : nil
    }

    private func expectSum() {
        guard let key = try? Key("healthy counter"), let last = healthyMembers.last else { return }
        let count = 2 * healthyMembers.count
        let responses = askTogether(key, rounds: 2) { _ in (.update(.add(1)), RequestOptions()) }
        var sums: [Int64] = []
        for case .updated(let outcome) in responses {
            if case .integer(let sum) = outcome.result, outcome.isWritten { sums.append(sum) }
        }
        healthy.expect(
            sums.sorted() == (1...Int64(count)).map(\.self), key: key.displayText,
            "\(count) increments at once: " + responses.map { said($0) }.joined(separator: "; "))
        // Those who did not count to W have answered by then.
        cluster.run(for: file.replication.replicaTimeout)
        expectPlain(key, Content(form: .raw, bytes: ByteBuffer(string: "\(count)")), at: last)
    }

    /// Sends a request to each member before any is answered.
    /// - Returns: what was answered in time.
    private func askTogether(
        _ key: Key, rounds: Int = 1, _ request: (Int) -> (ClientOperation, RequestOptions)
    ) -> [ClientResponse] {
        let members = healthyMembers
        let tickets = (0..<rounds * members.count).map { number in
            let (operation, options) = request(number)
            return cluster.submit(
                ClientRequest(key: key, token: cluster.token(of: key), operation: operation, options: options),
                toNode: members[number % members.count])
        }
        answers.asks(together: tickets, of: key)
        _ = cluster.run(atMost: .nanoseconds(patience)) { answers.areAllAnswered }
        return answers.answersTogether
    }
}
