import NodeCore
import Replication
import StatorCore
import Storage

/// What drivers tell each other and the node: made once all of them exist. Any thread may call.
struct NodeEvents: Sendable {
    /// A shard's link came up or went down; from shard 0 only.
    var linkChanged: @Sendable (NodeID, Bool) -> Void = { _, _ in }
    var rangesStreamed: @Sendable (_ shard: Int, Epoch) -> Void = { _, _ in }
    var recovered: @Sendable (_ shard: Int) -> Void = { _ in }
    var storageChanged: @Sendable (_ shard: Int, _ failure: String?) -> Void = { _, _ in }
    var publish: @Sendable (ClusterState) -> Void = { _ in }
    var livenessChanged: @Sendable (NodeID, Liveness) -> Void = { _, _ in }
    var dotsIssued: @Sendable (_ counter: UInt64, _ incarnation: UInt64) -> Void = { _, _ in }
    var dotsForgotten: @Sendable (_ shard: Int) -> Void = { _ in }
    var grant: @Sendable (DotGrant) -> Void = { _ in }
    /// The data folder is an older copy.
    var restored: @Sendable () -> Void = {}
    /// Changes the data folder durably, then calls back. Changes are made in their order.
    let persist:
        @Sendable (_ change: @escaping FolderChange, _ done: @escaping @Sendable (_ failure: String?) -> Void) -> Void

    typealias FolderChange = @Sendable (DataFolder) throws(DiskError) -> Void

    init(
        persist:
            @escaping @Sendable (
                _ change: @escaping FolderChange, _ done: @escaping @Sendable (_ failure: String?) -> Void
            ) -> Void = { $1("not started") }
    ) {
        self.persist = persist
    }
}
