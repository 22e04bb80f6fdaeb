internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import Replication
internal import Simulation
internal import StatorCore

/// What a client may expect of a healthy cluster, one request after the other.
extension SimulationRun {
    /// Whether messages arrive, each once and before replicas are given up: otherwise what a request costs is chance.
    var isNetworkExact: Bool {
        file.network.loss == 0 && file.network.duplication == 0 && file.network.reordering == 0
            && file.zoneLatencies.isEmpty && slowestAnswer() < file.replication.replicaTimeout
    }

    /// The longest that a replica may take, as far as a thousand draws tell, with as much to spare.
    private func slowestAnswer() -> Duration {
        var random = RandomGenerator(seed: 1)
        func slowest(_ distribution: LatencyDistribution) -> Int64 {
            let sampler = LatencySampler(distribution)
            return (0..<1000).reduce(0) { slowest, _ in max(slowest, sampler.sample(using: &random)) }
        }
        return .nanoseconds(
            2 * (2 * slowest(file.latency) + slowest(file.loadLatency) + 2 * slowest(file.syncLatency)))
    }

    /// Two keys, each asked for at other nodes.
    func tryRequests() {
        guard isNetworkExact else { return }
        for number in 0..<2 { tryKey(number) }
        tryDefaults()
        tryTogether()
    }

    /// The life of a key: written, read, replaced, forked where the resolver keeps what is concurrent, deleted, written
    /// again; all with quorums of everybody, so that every answer is determined.
    private func tryKey(_ number: Int) {
        let members = healthyMembers
        guard let key = try? Key("healthy \(number)"), !members.isEmpty else { return }
        var turn = number
        // Where clocks decide, only one node's own writes are in order: those of the first owner, which coordinates conditional
        // writes whoever is asked.
        let isAnyNode = file.resolverGuarantees.contains(ResolverGuarantees.clockIndependent)
        let ownerName = healthyPlacement?.preferenceList(for: cluster.token(of: key)).first
        let firstOwner = members.first { cluster.names[$0] == ownerName } ?? members[0]
        func node() -> Int {
            guard isAnyNode else { return firstOwner }
            turn += 1
            return members[turn % members.count]
        }
        let (one, two, three) = (value("1"), value("2"), value("3"))
        expectNothing(key, at: node(), wantsContext: false)
        guard let first = expectStored(key, one, .held, condition: .absent, isFirst: true, at: node()) else { return }
        expectRefused(key, two, condition: .absent, at: node())
        expectValues(key, [one], context: first, at: node())
        guard let second = expectStored(key, two, .context(first), isFirst: false, at: node()) else { return }
        expectPlain(key, two, at: node())
        expectValues(key, [two], context: second, at: node())
        expectRefused(key, three, condition: .context(first), at: node())
        guard var last = expectStored(key, three, .held, condition: .context(second), isFirst: false, at: node())
        else { return }
        expectExplained(key, at: node())
        expectValues(key, [three], context: last, at: node())
        if keepsConcurrent {
            guard let forked = expectStored(key, one, .context(second), isFirst: false, at: node()) else { return }
            last = expectValues(key, [one, three], context: nil, at: node()) ?? forked
        }
        guard expectStored(key, nil, .context(last), isFirst: false, at: node()) != nil else { return }
        expectNothing(key, at: node(), wantsContext: true)
        _ = expectStored(key, two, .held, isFirst: true, at: node())
        expectPlain(key, two, at: node())
        _ = expectStored(key, nil, .held, isFirst: false, at: node())
        expectNothing(key, at: node(), wantsContext: true)
    }

    /// With the file's own quorums each owner answers, so what is asked of whom is known all the same.
    private func tryDefaults() {
        guard let key = try? Key("healthy default"), let member = healthyMembers.last else { return }
        let stored = askHealthy(write(key, value("1"), .held, RequestOptions(isPlain: true)), at: member)
        guard case .stored = stored else {
            return healthy.expect(false, key: "\(key)", "a plain write: \(said(stored))")
        }
        // Those who did not count to W have answered by then.
        cluster.run(for: file.replication.replicaTimeout)
        expectPlain(key, value("1"), at: member)
    }

    private var keepsConcurrent: Bool {
        file.resolverGuarantees.isSuperset(of: [
            ResolverGuarantees.keepsConcurrent, ResolverGuarantees.noFalseDominance,
        ])
    }

    private func value(_ text: String) -> Content { Content(form: .raw, bytes: ByteBuffer(string: "healthy \(text)")) }

    // MARK: Asking

    /// Runs the cluster until the answer is there.
    /// - Returns: `nil` where none comes in time.
    func askHealthy(_ request: ClientRequest, at node: Int) -> ClientResponse? {
        answers.asks(cluster.submit(request, toNode: node), of: request.key)
        _ = cluster.run(atMost: .nanoseconds(patience)) { answers.answer != nil }
        return answers.answer
    }

    func write(_ key: Key, _ content: Content?, _ basis: WriteBasis, _ options: RequestOptions) -> ClientRequest {
        ClientRequest(
            key: key, token: cluster.token(of: key),
            operation: .write(VersionWrite(content: content, basis: basis)), options: options)
    }

    private func read(_ key: Key, isPlain: Bool) -> ClientRequest {
        ClientRequest(
            key: key, token: cluster.token(of: key), operation: .get,
            options: RequestOptions(readQuorum: .all, isSloppy: false, isPlain: isPlain))
    }

    /// An answer in words.
    func said(_ response: ClientResponse?) -> String {
        response.map { StoryText.response($0) } ?? "no answer"
    }

    // MARK: Expecting

    /// - Returns: the context, where it was stored.
    private func expectStored(
        _ key: Key, _ content: Content?, _ basis: WriteBasis, condition: Precondition? = nil, isFirst: Bool,
        at node: Int
    ) -> ByteBuffer? {
        let options = RequestOptions(
            readQuorum: .all, writeQuorum: .all, isSloppy: false, precondition: condition)
        let response = askHealthy(write(key, content, basis, options), at: node)
        guard case .stored(let outcome) = response else {
            healthy.expect(false, key: key.displayText, "a write at \(cluster.names[node]): \(said(response))")
            return nil
        }
        healthy.expect(
            outcome.isFirst == isFirst, key: key.displayText,
            "a write \(isFirst ? "of what was not there" : "over a live version") was answered as the contrary")
        expectCost(of: key, at: node, coordinator: outcome.node, reads: condition != nil, writes: true)
        return outcome.context
    }

    private func expectRefused(_ key: Key, _ content: Content, condition: Precondition, at node: Int) {
        let options = RequestOptions(readQuorum: .all, writeQuorum: .all, isSloppy: false, precondition: condition)
        let response = askHealthy(write(key, content, .held, options), at: node)
        healthy.expect(
            response == .failed(.preconditionFailed), key: key.displayText,
            "a write whose condition does not hold, at \(cluster.names[node]): \(said(response))")
    }

    @discardableResult
    private func expectValues(_ key: Key, _ values: [Content], context: ByteBuffer?, at node: Int) -> ByteBuffer? {
        let response = askHealthy(read(key, isPlain: false), at: node)
        guard case .found(let result) = response else {
            healthy.expect(false, key: key.displayText, "a read at \(cluster.names[node]): \(said(response))")
            return nil
        }
        // From now on its context stands for what it showed: writes with it have seen that.
        if case .found(let bare) = ClientResponse.found(result).unsealed { _ = tap.note(bare) }
        let live = result.versions.compactMap(\.content)
        healthy.expect(
            live.count == values.count && result.versions.count == values.count
                && values.allSatisfy { live.contains($0) },
            key: key.displayText,
            "a read at \(cluster.names[node]) shows \(said(response)): \(values.count) values were written")
        if let context {
            healthy.expect(
                result.context == context, key: key.displayText,
                "the context of a read at \(cluster.names[node]) is not that of the only write")
        }
        expectCost(of: key, at: node, coordinator: cluster.names[node], reads: true, writes: false)
        return result.context
    }

    func expectPlain(_ key: Key, _ value: Content, at node: Int) {
        let response = askHealthy(read(key, isPlain: true), at: node)
        healthy.expect(
            response == .value(value), key: key.displayText,
            "a plain read at \(cluster.names[node]): \(said(response))")
        expectCost(of: key, at: node, coordinator: cluster.names[node], reads: true, writes: false)
    }

    func expectNothing(_ key: Key, at node: Int, wantsContext: Bool) {
        let response = askHealthy(read(key, isPlain: false), at: node)
        var isRight = false
        if case .notFound(let context) = response { isRight = (context != nil) == wantsContext }
        healthy.expect(
            isRight, key: key.displayText,
            "a read at \(cluster.names[node]) of what \(wantsContext ? "was deleted" : "never was"): \(said(response))")
    }

    /// Every owner is asked once, and answers once; nobody else is asked.
    private func expectCost(of key: Key, at node: Int, coordinator: NodeID, reads: Bool, writes: Bool) {
        guard let owners = healthyPlacement?.preferenceList(for: cluster.token(of: key)).replicas else { return }
        let others = owners.count { $0 != coordinator }
        let forwards = coordinator == cluster.names[node] ? 0 : 1
        var expected = HealthyAnswers.Messages()
        (expected.forwards, expected.forwardReplies) = (forwards, forwards)
        if reads { (expected.reads, expected.readReplies) = (others, others) }
        if writes { (expected.writes, expected.writeReplies) = (others, others) }
        healthy.expect(
            answers.messages == expected, key: key.displayText,
            "a request at \(cluster.names[node]) took \(answers.messages): \(expected) were expected")
    }

    private func expectExplained(_ key: Key, at node: Int) {
        let request = ClientRequest(key: key, token: cluster.token(of: key), operation: .explain)
        let response = askHealthy(request, at: node)
        guard case .explained(let explanation) = response, let placement = healthyPlacement else {
            return healthy.expect(false, key: key.displayText, "explain at \(cluster.names[node]): \(said(response))")
        }
        let list = placement.preferenceList(for: request.token)
        let owners = explanation.replicas.filter { list.replicas.contains($0.node) }
        healthy.expect(
            explanation.preferenceList.prefix(explanation.replicaCount) == Array(list.replicas)[...]
                && owners.count == list.replicas.count
                && owners.allSatisfy {
                    $0.hasAnswered && $0.digest == owners[0].digest && $0.digest != nil && $0.siblings == 1
                        && !$0.isTombstone && !$0.isRecovering && $0.hintsFor.isEmpty
                },
            key: key.displayText, "explain at \(cluster.names[node]): \(explanation)")
    }
}
