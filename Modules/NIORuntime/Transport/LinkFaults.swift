import NIOCore
import Replication
import StatorCore
import Synchronization

/// The faults of this node's links that an experiment asked for. Without any, asking costs one load of a flag.
final class LinkFaults: Sendable {
    private let isAny = Atomic<Bool>(false)
    private let state = Locked(NetworkFaults())

    var current: NetworkFaults { state.withLock { $0 } }

    func replace(_ faults: NetworkFaults) {
        state.withLock { $0 = faults }
        isAny.store(faults != NetworkFaults(), ordering: .releasing)
    }

    /// Whether nothing goes to that node or comes from it.
    func cuts(_ node: NodeID) -> Bool {
        guard isAny.load(ordering: .acquiring) else { return false }
        return state.withLock { $0.cut.contains(node) }
    }

    /// How much later messages leave.
    var delay: TimeAmount {
        guard isAny.load(ordering: .acquiring) else { return .zero }
        return state.withLock { $0.delay.timeAmount }
    }
}
