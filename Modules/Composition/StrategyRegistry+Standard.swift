import ConflictResolution
import Membership
import Partitioning
import Replication
import Storage
import Sync

extension StrategyRegistry {
    /// Every strategy of this package that needs no library of its own: the one place that names them.
    public static var standard: StrategyRegistry {
        var registry = StrategyRegistry()
        registry.add(VNodeRing.self)
        registry.add(MD5Ring.self)
        registry.add(XXHashRing.self)
        registry.add(DottedVersionVectorResolver.self)
        registry.add(VectorClockResolver.self)
        registry.add(LastWriterWinsHLCResolver.self)
        registry.add(LastWriterWinsWallResolver.self)
        registry.add(GossipMembership.self)
        registry.add(StaticMembership.self)
        registry.add(MerkleSynchronizer.self)
        registry.add(FullScanSynchronizer.self)
        registry.add(LogEngine.self)
        registry.add(MemoryEngine.self)
        return registry
    }

    /// What runs where a configuration does not say.
    static let defaultKinds = StrategyKinds(
        partitioner: VNodeRing.kind, conflictResolver: DottedVersionVectorResolver.kind,
        membership: GossipMembership.kind, sync: MerkleSynchronizer.kind, storage: LogEngine.kind)
}
