/// Which directed links a partition cuts, as a value: applied to a ``SimulatedNetwork``, lifted from it, printed in a
/// report. Nodes are numbered from 0.
package enum PartitionShape: Hashable, Sendable {
    /// Nodes of different groups do not reach each other, in either direction. A node in no group reaches all.
    case groups([[Int]])
    /// Nothing from the first nodes reaches the second; all else passes, answers too.
    case oneWay(from: [Int], to: [Int])
    /// Two halves that do not reach each other but both reach, and are reached by, one node (which may be listed in
    /// either half or in none).
    case bridge([Int], [Int], over: Int)
    /// One node reaches nobody, and nobody reaches it.
    case isolate(Int)

    /// The links that are cut, each once. O(their number).
    /// - Parameter nodes: how many there are.
    /// - Precondition: the shape has no ``problems(among:)``.
    package func links(among nodes: Int) -> [(from: Int, to: Int)] {
        precondition(problems(among: nodes).isEmpty, "the shape was checked")
        switch self {
        case .groups(let groups):
            return groups.indices.flatMap { first in
                groups.indices.flatMap { second in
                    first == second ? [] : Self.links(from: groups[first], to: groups[second])
                }
            }
        case .oneWay(let senders, let receivers):
            return Self.links(from: senders, to: receivers)
        case .bridge(let first, let second, let bridge):
            let (first, second) = (first.filter { $0 != bridge }, second.filter { $0 != bridge })
            return Self.links(from: first, to: second) + Self.links(from: second, to: first)
        case .isolate(let node):
            let others = (0..<nodes).filter { $0 != node }
            return Self.links(from: [node], to: others) + Self.links(from: others, to: [node])
        }
    }

    private static func links(from senders: [Int], to receivers: [Int]) -> [(from: Int, to: Int)] {
        senders.flatMap { sender in
            receivers.lazy.filter { $0 != sender }.map { (from: sender, to: $0) }
        }
    }

    /// What is wrong with the shape among so many nodes, each with what was found and what is allowed.
    package func problems(among nodes: Int) -> [String] {
        switch self {
        case .groups(let groups):
            return Self.problems(groups.flatMap { $0 }, "groups", nodes)
        case .oneWay(let senders, let receivers):
            return Self.problems(senders, "from", nodes) + Self.problems(receivers, "to", nodes)
        case .bridge(let first, let second, let bridge):
            return Self.problems((first + second).filter { $0 != bridge }, "halves", nodes)
                + Self.problems([bridge], "over", nodes)
        case .isolate(let node):
            return Self.problems([node], "isolate", nodes)
        }
    }

    private static func problems(_ listed: [Int], _ name: String, _ nodes: Int) -> [String] {
        var problems: [String] = []
        var isListed = [Bool](repeating: false, count: nodes)
        for node in listed {
            if node < 0 || node >= nodes {
                problems.append("\(name): node \(node) does not exist, there are \(nodes), counted from 0")
            } else if isListed[node] {
                problems.append("\(name): node \(node) is listed twice")
            } else {
                isListed[node] = true
            }
        }
        return problems
    }
}
