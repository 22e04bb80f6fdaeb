internal import NodeClient
internal import StatorCore

/// The nodes as one session sees them: a connection to each that it asked, and a rest for those that did not answer.
struct NodeSet {
    private let nodes: [NodeURL]
    private let clock: HistoryClock
    private var connections: [NodeConnection?]
    private var restsUntil: [Int64]
    /// How the nodes call themselves.
    private(set) var names: [String?]
    /// Who is asked.
    private(set) var current: Int

    init(_ nodes: [NodeURL], clock: HistoryClock, first: Int) {
        self.nodes = nodes
        self.clock = clock
        current = first % nodes.count
        connections = [NodeConnection?](repeating: nil, count: nodes.count)
        restsUntil = [Int64](repeating: .min, count: nodes.count)
        names = [String?](repeating: nil, count: nodes.count)
    }

    /// Takes a node that is not resting, where there is one.
    mutating func choose(sticky: Bool, _ random: inout RandomGenerator) {
        let now = clock.now
        if sticky, restsUntil[current] <= now { return }
        let awake = nodes.indices.filter { restsUntil[$0] <= now }
        current = awake.isEmpty ? random.below(nodes.count) : awake[random.below(awake.count)]
    }

    /// How long all nodes rest still, in nanoseconds; `nil` where one may be asked.
    var restOfAll: Int64? {
        let now = clock.now
        guard let earliest = restsUntil.min(), earliest > now else { return nil }
        return earliest - now
    }

    /// Asks the current node; where that does not serve, it rests for a while.
    mutating func ask(_ call: HTTPCall) async -> Result<HTTPAnswer, CallFailure> {
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

    /// For the history, until the node's name is known.
    var address: String { nodes[current].authority }

    func close() {
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
