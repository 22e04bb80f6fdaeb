internal import Checking
internal import NodeClient

/// What nodes call themselves, by address.
struct NodeNames: Sendable {
    private var names: [String: String] = [:]

    init() {}

    init(_ nodes: NodeSet, _ settings: RecordingSettings) {
        for (node, name) in zip(settings.nodes, nodes.names) { names[node.authority] = name }
    }

    mutating func add(_ other: NodeNames) {
        names.merge(other.names) { $1 }
    }

    /// Names the nodes that are known; the others keep their addresses.
    func apply(to operations: inout [HistoryOperation]) {
        for index in operations.indices {
            guard let address = operations[index].node, let name = names[address] else { continue }
            operations[index].node = name
        }
    }
}
