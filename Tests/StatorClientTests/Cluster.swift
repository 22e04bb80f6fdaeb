import Testing

@testable import StatorClient

extension ClientConfiguration {
    /// Short pauses, so that tests are over soon; and patience, so that a busy machine fails none: who is to run out of it
    /// says so.
    static var brisk: ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.timeout = .seconds(60)
        configuration.maximumWait = .seconds(30)
        configuration.silenceLimit = .seconds(30)
        configuration.retryBackoff = .milliseconds(2)
        configuration.maximumRetryBackoff = .milliseconds(10)
        configuration.nodeBackoff = .milliseconds(20)
        configuration.maximumNodeBackoff = .milliseconds(50)
        configuration.maximumConnectionsPerNode = 1
        return configuration
    }
}

/// Starts nodes and a client of them, and ends both.
/// - Parameters:
///   - replicas: of every key, where there is a ring: range i of as many equal ones as there are nodes belongs to node i
///     and those after it. `nil`: the nodes know no ring.
///   - script: is given the node's number.
func withCluster(
    _ count: Int = 1, replicas: Int? = nil, _ configuration: ClientConfiguration = .brisk,
    script: @escaping @Sendable (Int, ScriptedNode.Call) -> ScriptedNode.Answer? = { _, _ in nil },
    _ body: (StoreClient, [ScriptedNode]) async throws -> Void
) async throws {
    var nodes: [ScriptedNode] = []
    for number in 0..<count { nodes.append(try await ScriptedNode.start { script(number, $0) }) }
    if let replicas {
        let ring = RESP.ring(ports: nodes.map(\.port), ranges: equalRanges(count, replicas: replicas))
        for node in nodes { node.serve(ring: ring) }
    }
    let client = try await StoreClient.connect(seeds: nodes.map(\.address), configuration: configuration)
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(client, nodes))
    } catch {
        outcome = .failure(error)
    }
    await client.close()
    for node in nodes { await node.stop() }
    try outcome.get()
}

func equalRanges(_ count: Int, replicas: Int) -> [(last: UInt64, owners: [Int])] {
    (0..<count).map { index in
        let last = index == count - 1 ? UInt64.max : UInt64.max / UInt64(count) * UInt64(index + 1)
        return (last, (0..<replicas).map { (index + $0) % count })
    }
}

/// Waits until it is so; fails after a minute.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record(what, sourceLocation: sourceLocation)
}

/// The error that the operation fails with.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async -> StatorClientError? {
    do {
        _ = try await body()
        Issue.record("it did not fail", sourceLocation: sourceLocation)
    } catch let error as StatorClientError {
        return error
    } catch {
        Issue.record("it failed with \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

extension StatorClientError {
    /// The case's name.
    var name: String { Mirror(reflecting: self).children.first?.label ?? "" }
}
