internal import NodeClient
internal import StatorCore

/// The nodes as all sessions of a load see them. One that did not serve one session rests for all of them: a dead node
/// costs an error a second, not one a second for every session.
struct NodeRota {
    let urls: [NodeURL]
    /// How the nodes call themselves, their addresses until that is known.
    private(set) var names: [String]
    private var restsUntil: [Int64]
    private var latestRest = Int64.min

    /// - Precondition: at least one node.
    init(_ urls: [NodeURL]) {
        precondition(!urls.isEmpty, "nodes to ask")
        self.urls = urls
        names = urls.map(\.authority)
        restsUntil = [Int64](repeating: .min, count: urls.count)
    }

    mutating func name(_ node: Int, _ name: String) {
        if names[node] != name { names[node] = name }
    }

    func rests(_ node: Int, at now: Int64) -> Bool { restsUntil[node] > now }

    mutating func rest(_ node: Int, from now: Int64) {
        restsUntil[node] = now + LoadLimits.rest
        latestRest = max(latestRest, restsUntil[node])
    }

    /// When the first of them may be asked again; `nil` where one may be now.
    func endOfRest(at now: Int64) -> Int64? {
        guard latestRest > now, let earliest = restsUntil.min(), earliest > now else { return nil }
        return earliest
    }

    /// A node that does not rest, where there is one: for a sticky session the one that it has.
    func choose(_ current: Int, sticky: Bool, at now: Int64, _ random: inout RandomGenerator) -> Int {
        if latestRest <= now { return sticky || urls.count == 1 ? current : random.below(urls.count) }
        if sticky, !rests(current, at: now) { return current }
        let awake = urls.indices.filter { !rests($0, at: now) }
        return awake.isEmpty ? random.below(urls.count) : awake[random.below(awake.count)]
    }
}
