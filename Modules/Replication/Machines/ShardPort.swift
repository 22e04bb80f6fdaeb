package import Partitioning
package import StatorCore
package import Storage

/// What goes into a shard machine. The driver hands over one event at a time, with the time.
package enum ShardEvent: Sendable {
    /// First of all, once: the agreed state of the cluster at this moment. The driver has opened the engines before.
    indirect case started(ClusterState)
    /// The view, and so the placement, changed.
    indirect case clusterChanged(ClusterState)
    case livenessChanged(NodeID, Liveness)
    /// The transport can (not) reach a node now. A node is taken as unreachable until a link is up.
    case linkChanged(NodeID, isUp: Bool)
    case client(ClientTicket, ClientRequest)
    case message(from: NodeID, ShardMessage)
    case timer(ShardTimer)
    case storage(StorageTicket, StorageResult)
    /// An operator asks for sync sessions with everyone now.
    case syncNow
    /// Dots may be issued under this lease from now on.
    case dotsGranted(DotGrant)
    /// The folder is an older copy: what is owned is to be recovered from the others.
    case restored
    /// No new client requests from now on; those under way are finished.
    case stopping
}

/// What comes out of a shard machine, to be carried out in order.
package enum ShardEffect: Sendable {
    /// Delivered at most once or lost; in order while a link is up.
    case send(to: NodeID, ShardMessage)
    /// Fires once. Setting a timer again while it is pending replaces it.
    case setTimer(ShardTimer, after: Duration)
    /// Carry this out on the named store and answer with ``ShardEvent/storage(_:_:)``. Loads see every earlier apply.
    case storage(StorageTicket, StoreName, StorageCommand)
    case respond(ClientTicket, ClientResponse)
    /// All ranges that this node gains with the epoch after this one are durably here (for this shard).
    case rangesStreamed(Epoch)
    /// All ranges of this shard are recovered after a lost disk: make that durable.
    case recovered
    /// Dots were issued up to this counter: the lease is to be made longer.
    case dotsIssued(UInt64, incarnation: UInt64)
    /// Records may have forgotten dots of the lease: note that durably.
    case dotsForgotten
    /// Something worth a line in the log.
    case log(ShardLogEntry)
}

/// Names one client request at the driver.
package struct ClientTicket: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// Names one storage command at the machine.
package struct StorageTicket: Hashable, Sendable, Numbered {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// A shard's two stores: what it owns, and what it keeps for others.
package enum StoreName: UInt8, Sendable {
    case records
    case hints
}

package enum StorageCommand: Sendable {
    case load(Token, Key)
    /// Completed once the write has reached the configured durability.
    case apply(StorageWrite)
    indirect case scan(TokenRange, after: ScanCursor?, limit: Int)
    /// How large these records are, by the index: nothing is read.
    indirect case measure([(token: Token, key: Key)])
}

package enum StorageResult: Sendable {
    case loaded(StoredRecord?)
    case applied
    indirect case scanned([RecordMetadata], next: ScanCursor?)
    /// In the order of the question: bytes of key and body, 0 where the index knows none.
    case measured([Int])
    /// It may be there in part.
    indirect case failed(StorageError)
    /// Nothing of the write is there, nor will be.
    indirect case refused(StorageError)
}

/// The shard's timers.
package enum ShardTimer: Hashable, Sendable {
    /// Looks after time-outs of everything under way.
    case tick
    case hintDelivery
    case antiEntropy
    case transfer
    case handOver
    case clocks
}

package enum ShardLogEntry: Sendable, Hashable {
    case info(String)
    case warning(String)
    case error(String)
}

/// What all machines of a node know of the cluster at one time: the agreed view and the placements compiled from it.
package struct ClusterState: Sendable {
    package let view: View
    /// From the owners of this epoch; `nil` while there is none (an outsider without members).
    package let placement: Placement?
    /// From the owners of the next epoch, while a change is under way.
    package let nextPlacement: Placement?

    package init(view: View, placement: Placement?, nextPlacement: Placement?) {
        self.view = view
        self.placement = placement
        self.nextPlacement = nextPlacement
    }

    package var epoch: Epoch { view.epoch }
}
