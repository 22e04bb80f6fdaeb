package import NIOCore
package import StatorCore
package import Sync

/// Names one question of one node to others: unique at the asking shard across its restarts (it starts at random).
package struct RequestID: Hashable, Comparable, Sendable, Numbered {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package static func < (left: RequestID, right: RequestID) -> Bool { left.number < right.number }
}

/// What a shard of one node sends to the shard of the same index on another.
///
/// Large contents are one reference, so that a message passes through events, effects and queues for little.
package enum ShardMessage: Equatable, Sendable {
    /// Coordinate this for me. Sent once for each request, never again.
    case forward(RequestID, ClientRequest)
    indirect case forwardReply(RequestID, ClientResponse)

    indirect case write(ReplicaWrite)
    case writeReply(RequestID, WriteOutcome)
    indirect case read(ReplicaRead)
    case readReply(RequestID, ReadOutcome)

    indirect case explain(RequestID, Token, Key)
    indirect case explainReply(RequestID, ReplicaExplanation)

    /// The sync strategy's own bytes within a session, tagged with its kind.
    indirect case sync(SyncPayload)
    /// Merge these records; answer with `syncMerged` holding what differs afterwards.
    indirect case syncPush(SessionID, RequestID, [StoredRecord])
    indirect case syncMerged(SessionID, RequestID, [StoredRecord])
    indirect case syncPull(SessionID, RequestID, [KeyReference])
    indirect case syncPulled(SessionID, RequestID, [StoredRecord])
    /// The other end cannot go on with this session.
    indirect case syncRefused(SessionID, String)

    /// Ask an owner for a page of its records in a range.
    indirect case transfer(TransferRequest)
    indirect case transferPage(RequestID, TransferPage)

    /// Which of these records, that the sender lets go, are not durable at the receiver, who owns them?
    indirect case cover(CoverRequest)
    case coverReply(RequestID, CoverOutcome)

    /// What the sender's wall clock shows, where versions are ordered by it.
    case clock(WallTime)
}

/// A whole merged record for a replica, or for a fallback to keep as a hint.
package struct ReplicaWrite: Equatable, Sendable {
    package enum Purpose: UInt8, Sendable, CaseIterable {
        case write = 1
        case readRepair = 2
        case hintDelivery = 3
        /// A record that its owner lacked when a former owner let it go.
        case handOver = 4
    }

    package var request: RequestID
    package var epoch: Epoch
    package var purpose: Purpose
    package var record: StoredRecord
    /// For whom the receiver is to keep it as a hint; `nil` where the receiver is itself an owner.
    package var hintFor: NodeID?

    package init(request: RequestID, epoch: Epoch, purpose: Purpose, record: StoredRecord, hintFor: NodeID?) {
        self.request = request
        self.epoch = epoch
        self.purpose = purpose
        self.record = record
        self.hintFor = hintFor
    }

    /// Whether both are the same question about the same record: what goes to every owner. Cheaper than equality.
    package func isSame(as other: ReplicaWrite) -> Bool {
        request == other.request && epoch == other.epoch && purpose == other.purpose && hintFor == nil
            && other.hintFor == nil && record.isSame(as: other.record)
    }
}

package enum WriteOutcome: Hashable, Sendable {
    /// It is there at the configured durability; whether a live version was there before.
    case stored(hadLive: Bool)
    case refused(Refusal)
}

package struct ReplicaRead: Hashable, Sendable {
    package var request: RequestID
    package var epoch: Epoch
    package var token: Token
    package var key: Key
    /// Asked as a fallback: answer from hints as well.
    package var isStandIn: Bool
    /// Of the record that the coordinator holds itself: where the receiver's is the same, it says so and sends nothing.
    package var known: Digest?

    package init(
        request: RequestID, epoch: Epoch, token: Token, key: Key, isStandIn: Bool, known: Digest? = nil
    ) {
        self.known = known
        self.request = request
        self.epoch = epoch
        self.token = token
        self.key = key
        self.isStandIn = isStandIn
    }
}

package enum ReadOutcome: Equatable, Sendable {
    /// What is held, durable. `counts` is false at an owner whose range is still recovering.
    case held(StoredRecord?, counts: Bool)
    /// The record whose digest the coordinator knew: this one.
    case same(Digest, counts: Bool)
    case refused(Refusal)
}

/// Why a node did not do what another asked.
package enum Refusal: Hashable, Sendable {
    /// The range's ownership changed since the sender's epoch; the receiver's is told.
    case staleEpoch(Epoch)
    /// The receiver knows itself neither as an owner nor as a fallback.
    case notOwner
    case hintsFull
    case overloaded
    case storageFailed
    /// The receiver's record of the key is corrupt: it is lost there.
    case corrupt
    /// The receiver's disk takes no writes now: it is passed over for a while.
    case cannotStore
}

package struct SyncPayload: Hashable, Sendable {
    package var session: SessionID
    package var epoch: Epoch
    package var range: TokenRange
    /// The strategy's kind at the sender; another kind at the receiver refuses the session.
    package var strategy: String
    /// The initiator's first message, which alone makes a session at the receiver. A later one that finds none there
    /// belongs to a session that has failed there, and must not be answered by a new one that knows nothing.
    package var isFirst: Bool
    package var bytes: ByteBuffer

    package init(
        session: SessionID, epoch: Epoch, range: TokenRange, strategy: String, isFirst: Bool, bytes: ByteBuffer
    ) {
        self.session = session
        self.epoch = epoch
        self.range = range
        self.strategy = strategy
        self.isFirst = isFirst
        self.bytes = bytes
    }
}

package struct TransferRequest: Hashable, Sendable {
    package var request: RequestID
    /// The asking owner's epoch: a source of an earlier one does not serve it yet.
    package var epoch: Epoch
    package var range: TokenRange
    package var after: ScanCursor?
    /// Which data folder the asking node has; see ``NodeIdentity/folder``.
    package var folder: UInt64
    /// As ``TransferSource/isFounder``.
    package var isFounder: Bool

    package init(
        request: RequestID, epoch: Epoch, range: TokenRange, after: ScanCursor?, folder: UInt64, isFounder: Bool
    ) {
        self.isFounder = isFounder
        self.request = request
        self.epoch = epoch
        self.range = range
        self.after = after
        self.folder = folder
    }
}

/// What a source says of itself.
package struct TransferSource: Hashable, Sendable {
    /// Why its own records are in doubt: then what it streams is not all that it has acknowledged.
    package var doubt: Doubt.Cause?
    /// Its data folder was new at this start, and it has met no other folder of the node that asks: both may be founding
    /// the cluster.
    package var isFounder: Bool
    /// Which data folder it has.
    package var folder: UInt64

    package init(doubt: Doubt.Cause?, isFounder: Bool, folder: UInt64) {
        self.doubt = doubt
        self.isFounder = isFounder
        self.folder = folder
    }
}

package enum TransferPage: Equatable, Sendable {
    /// The next records in order, and where to go on (`nil` at the end).
    case records([StoredRecord], next: ScanCursor?, source: TransferSource)
    case refused(Refusal)
}
