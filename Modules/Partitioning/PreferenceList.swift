public import StatorCore

/// The ordered distinct nodes of one partition: the first N are its replicas, the rest its fallbacks.
///
/// A view into its placement: making one, or copying it, costs one reference.
public struct PreferenceList: RandomAccessCollection, Sendable {
    private let table: PlacementTable
    private let start: Int

    init(table: PlacementTable, start: Int) {
        self.table = table
        self.start = start
    }

    public var replicaCount: Int { table.replicaCount }
    public var startIndex: Int { 0 }
    public var endIndex: Int { table.stride }

    public subscript(position: Int) -> NodeID {
        precondition(position >= 0 && position < table.stride, "position \(position) of \(table.stride)")
        return table.nodes[Int(table.owners[start + position])]
    }

    public var replicas: Slice<PreferenceList> { self[0..<replicaCount] }
    public var fallbacks: Slice<PreferenceList> { self[replicaCount..<count] }

    /// The zone of the node at `position`.
    public func zone(at position: Int) -> String {
        precondition(position >= 0 && position < table.stride, "position \(position) of \(table.stride)")
        return table.zones[Int(table.owners[start + position])]
    }

    /// The fallbacks in the order in which they stand in for `failed`: those of its zone first, then the others, each
    /// in preference order. A pure function of the placement and the failed replica. O(F).
    public func standIns(for failed: NodeID) -> [NodeID] {
        guard let position = firstIndex(of: failed) else { return Array(fallbacks) }
        let failedZone = zone(at: position)
        let candidates = replicaCount..<count
        let near = candidates.filter { zone(at: $0) == failedZone }
        let far = candidates.filter { zone(at: $0) != failedZone }
        return (near + far).map { self[$0] }
    }
}
