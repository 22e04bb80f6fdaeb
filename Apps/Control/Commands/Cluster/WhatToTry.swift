import NodeClient

/// What a newcomer is shown when the nodes serve.
struct WhatToTry {
    let dashboard: NodeURL
    let nodes: [NodeURL]
    let names: [String]
    /// How this program is called from here.
    let control: String
    /// As it was named.
    let folder: String

    func show() {
        guard let first = nodes.first else { return }
        let second = nodes.count > 1 ? nodes[1] : first
        let last = names.last ?? ""
        let place = folder == "." || control.hasPrefix(".build/") ? "" : " --folder \(folder)"
        let asked = first.port == NodeURL.defaultPort ? "" : " --node \(first)"
        let addresses = zip(names, nodes).map { "  \($0)  \($1)" }.joined(separator: "\n")
        Terminal.print(
            """

            The cluster serves:
            \(addresses)

            Dashboard: \(dashboard)

            Try:
              curl -X PUT \(first.authority)/kv/mykey -H 'Content-Type: application/json' -d '{"value":"hello"}'
              curl \(second.authority)/kv/mykey
              curl \(second.authority)/kv/mykey/explain
              \(control) cluster kill \(last)\(place)
                  reads and writes go on; 'cluster start' brings it back; partition, slow, pause, wipe, add, remove:
              \(control) cluster --help
              \(control) top\(asked)
            """)
    }
}
