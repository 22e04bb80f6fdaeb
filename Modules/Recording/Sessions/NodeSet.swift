package import NodeClient
package import StatorCore

/// The nodes as one session sees them: a connection to each that it asked, and a rest for those that did not answer.
package struct NodeSet {
    private let nodes: [NodeURL]
    private let clock: HistoryClock
    private var connections: [NodeConnection?]
    private var restsUntil: [Int64]
    /// How the nodes call themselves.
    package private(set) var names: [String?]
    /// Who is asked.
    package private(set) var current: Int

    package init(_ nodes: [NodeURL], clock: HistoryClock, first: Int) {
        self.nodes = nodes
        self.clock = clock
        current = first % nodes.count
        connections = [NodeConnection?](repeating: nil, count: nodes.count)
        restsUntil = [Int64](repeating: .min, count: nodes.count)
        names = [String?](repeating: nil, count: nodes.count)
    }

    /// Takes a node that is not resting, where there is one.
    package mutating func choose(sticky: Bool, _ random: inout RandomGenerator) {
        let now = clock.now
        if sticky, restsUntil[current] <= now { return }
        let awake = nodes.indices.filter { restsUntil[$0] <= now }
        current = awake.isEmpty ? random.below(nodes.count) : awake[random.below(awake.count)]
    }

    /// How long all nodes rest still, in nanoseconds; `nil` where one may be asked.
    package var restOfAll: Int64? {
        let now = clock.now
        guard let earliest = restsUntil.min(), earliest > now else { return nil }
        return earliest - now
    }

    /// Asks the current node; where that does not serve, it rests for a while.
    package mutating func ask(_ call: HTTPCall) async -> Result<HTTPAnswer, CallFailure> {
        do throws(CallFailure) {
            let answer = try await connection().send(call)
            if let name = answer.header("x-stator-node") { names[current] = name }
            if answer.sendsAway { rest() }
            return .success(answer)
        } catch {
            connections[current] = nil
            rest()
            return .failure(error)
        }
    }

    /// Asks the current node for several things at once.
    package mutating func askAll(_ calls: [HTTPCall]) async -> [Result<HTTPAnswer, CallFailure>] {
        do throws(CallFailure) {
            let answers = try await connection().sendAll(calls)
            if case .failure? = answers.last {
                connections[current] = nil
                rest()
            }
            return answers
        } catch {
            connections[current] = nil
            rest()
            return calls.map { _ in .failure(error) }
        }
    }

    /// For the history, until the node's name is known.
    package var address: String { nodes[current].authority }

    package func close() {
        for connection in connections { connection?.close() }
    }

    private mutating func connection() async throws(CallFailure) -> NodeConnection {
        if let connection = connections[current], connection.isOpen { return connection }
        let connection = try await NodeConnection.open(nodes[current])
        connections[current] = connection
        return connection
    }

    private mutating func rest() {
        restsUntil[current] = clock.now + RecordingLimits.rest
    }
}
