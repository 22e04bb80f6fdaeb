internal import NodeClient

extension LocalCluster {
    /// What each node has used and done, in the order of ``names``, taken side by side within a few seconds.
    ///
    /// A node that is down or does not answer yields only its processes' figures; a paused one is not asked.
    package func snapshot() async -> [NodeSnapshot] {
        for index in nodes.indices { nodes[index].look() }
        let looked = nodes
        return await withTaskGroup(of: (Int, NodeSnapshot).self) { group in
            for (index, node) in looked.enumerated() { group.addTask { (index, await Self.snapshot(of: node)) } }
            var found: [(Int, NodeSnapshot)] = []
            for await one in group { found.append(one) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func snapshot(of node: LocalNode) async -> NodeSnapshot {
        var figures: NodeFigures?
        if node.state == .running, let stats = try? await page(node, "/stats") { figures = NodeFigures(stats) }
        return NodeSnapshot(
            node: node.name, time: .now, state: node.state, starts: node.starts, process: usage(of: node),
            figures: figures)
    }

    private static func usage(of node: LocalNode) -> ProcessFigures? {
        var sum = ProcessFigures(
            cpuSeconds: node.earlier.cpuSeconds, residentBytes: 0, peakResidentBytes: node.earlier.peakResidentBytes)
        guard let process = node.process else { return sum }
        if let current = ProcessFigures.current(of: process.pid) {
            sum.cpuSeconds += current.cpuSeconds
            sum.residentBytes = current.residentBytes
            sum.peakResidentBytes = max(sum.peakResidentBytes, current.peakResidentBytes)
        } else if let usage = process.usage {
            sum.cpuSeconds += usage.cpuSeconds
            sum.peakResidentBytes = max(sum.peakResidentBytes, usage.peakResidentBytes)
        } else {
            return nil
        }
        return sum
    }
}
