import Replication
import StatorCore

/// What drivers tell each other and the node: made once all of them exist. Any thread may call.
struct NodeEvents: Sendable {
    /// A shard's link came up or went down; from shard 0 only.
    var linkChanged: @Sendable (NodeID, Bool) -> Void = { _, _ in }
    var rangesStreamed: @Sendable (_ shard: Int, Epoch) -> Void = { _, _ in }
    var recovered: @Sendable (_ shard: Int) -> Void = { _ in }
    var storageChanged: @Sendable (_ shard: Int, _ failure: String?) -> Void = { _, _ in }
    var publish: @Sendable (ClusterState) -> Void = { _ in }
    var livenessChanged: @Sendable (NodeID, Liveness) -> Void = { _, _ in }
    /// Makes a view durable, then calls back.
    var persistView: @Sendable (View, _ done: @escaping @Sendable (_ failure: String?) -> Void) -> Void = {
        $1("not started")
    }
}
