package import ConflictResolution
package import NIOCore
package import StatorCore

package enum ClientResponse: Hashable, Sendable {
    /// At least one live version.
    indirect case found(ReadResult)
    /// Exactly one live version, for those who asked for no more: see ``RequestOptions/isPlain``.
    case value(Content)
    /// Deleted (with the tombstone's context) or never written (without one).
    case notFound(context: ByteBuffer?)
    case stored(StoredOutcome)
    indirect case updated(UpdateOutcome)
    indirect case explained(Explanation)
    indirect case failed(ClientError)
}

package struct StoredOutcome: Hashable, Sendable {
    /// Who coordinated.
    package var node: NodeID
    /// Whether no live version was there before, as far as the answering replicas know.
    package var isFirst: Bool
    package var context: ByteBuffer

    package init(node: NodeID, isFirst: Bool, context: ByteBuffer) {
        self.node = node
        self.isFirst = isFirst
        self.context = context
    }
}

package enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Too few nodes can be reached to meet the quorum. A write may surface all the same.
    case quorumUnmet(answered: Int, needed: Int)
    /// The time ran out with too few answers. A write's outcome is unknown.
    case timedOut(answered: Int, needed: Int)
    /// The coordinator that a write was forwarded to was lost: whether it was carried out is unknown.
    case outcomeUnknown
    /// A quorum larger than N, or zero.
    case impossibleQuorum(asked: Int, replicas: Int)
    case overloaded
    case tooManySiblings(found: Int, maximum: Int)
    /// The key's siblings would take more bytes together than writes may add up to.
    case recordTooLarge(found: Int, maximum: Int)
    case invalidContext(String)
    case preconditionFailed
    /// The value is none that can be updated so; nothing was done.
    case notUpdated(UpdateRefusal)
    /// This node's disk takes no writes now; nothing was done.
    case cannotStore(String)
    /// This node cannot serve: not a member yet, stopping, storage failed.
    case unavailable(String)

    package var description: String {
        switch self {
        case .quorumUnmet(let answered, let needed): "quorum not met: \(answered) of \(needed) needed replicas answered"
        case .timedOut(let answered, let needed): "timed out: \(answered) of \(needed) needed replicas answered in time"
        case .outcomeUnknown: "the coordinator was lost while it carried out the request: the outcome is unknown"
        case .impossibleQuorum(let asked, let replicas): "a quorum of \(asked) is impossible with \(replicas) replicas"
        case .overloaded: "the node has too many requests under way"
        case .tooManySiblings(let found, let maximum):
            "the key has \(found) siblings, at most \(maximum) may be added by writes: read it and write with its context"
        case .recordTooLarge(let found, let maximum):
            """
            the key's siblings would have \(found) bytes, at most \(maximum) may be added by writes: read it and write with its \
            context
            """
        case .invalidContext(let reason): reason
        case .preconditionFailed: "the precondition does not hold"
        case .notUpdated(let refusal): refusal.description
        case .cannotStore(let reason): "the node cannot store: \(reason)"
        case .unavailable(let reason): reason
        }
    }
}

/// Where a key lives and what each node holds of it.
package struct Explanation: Hashable, Sendable {
    package var token: Token
    package var range: TokenRange
    package var epoch: Epoch
    package var coordinator: NodeID
    /// N replicas, then the fallbacks.
    package var preferenceList: [NodeID]
    package var replicaCount: Int
    package var replicas: [ReplicaExplanation]

    package init(
        token: Token, range: TokenRange, epoch: Epoch, coordinator: NodeID, preferenceList: [NodeID],
        replicaCount: Int, replicas: [ReplicaExplanation]
    ) {
        self.token = token
        self.range = range
        self.epoch = epoch
        self.coordinator = coordinator
        self.preferenceList = preferenceList
        self.replicaCount = replicaCount
        self.replicas = replicas
    }
}

/// What one node holds of one key.
package struct ReplicaExplanation: Hashable, Sendable {
    package var node: NodeID
    /// False where it did not answer in time; nothing below is known then.
    package var hasAnswered: Bool
    package var digest: Digest?
    package var siblings: Int
    package var isTombstone: Bool
    package var isRecovering: Bool
    /// The versions' causal metadata, for people.
    package var causality: String
    /// For whom this node holds hints of this key.
    package var hintsFor: [NodeID]
    /// When this node last repaired this key by read repair or sync, if it remembers.
    package var lastRepair: WallTime?

    package init(
        node: NodeID, hasAnswered: Bool, digest: Digest? = nil, siblings: Int = 0, isTombstone: Bool = false,
        isRecovering: Bool = false, causality: String = "", hintsFor: [NodeID] = [], lastRepair: WallTime? = nil
    ) {
        self.node = node
        self.hasAnswered = hasAnswered
        self.digest = digest
        self.siblings = siblings
        self.isTombstone = isTombstone
        self.isRecovering = isRecovering
        self.causality = causality
        self.hintsFor = hintsFor
        self.lastRepair = lastRepair
    }
}
