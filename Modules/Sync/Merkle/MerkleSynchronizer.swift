public import StatorCore

/// Anti-entropy by comparing Merkle trees (see ``MerkleIndex`` for papers, terms and deviations).
///
/// A session sends one sum for all leaves inside the range and one for each of the at most two leaves that a boundary
/// of the range cuts (those are listed locally at both ends): equal replicas part after some 40 bytes. Where sums
/// differ it descends, one round trip a level. A leaf that differs is summed at both ends by 32 fine slices of its own,
/// from a listing, and only the keys of fine slices that differ cross the wire, so that about as many keys are listed
/// as differ.
///
/// Ends with different settings agree: the coarser depth of the two is used, and nodes between one's own levels are
/// summed from the next level down.
///
/// Cost of a write: see ``MerkleIndex``. Cost of a session with d differences: O(d x depth / log2 fanOut) sums of
/// fanOut x 8 bytes, O(depth / log2 fanOut) round trips up to some 500 dirty leaves and more in proportion, at each end
/// a reading of the dirty leaves. Memory of a session: below 3 MiB at the initiator; a message and a listing at the
/// other end. A node slows a session down by answering its listings late: one at most is under way at each end.
///
/// Choose it in general; `depth` so that a leaf holds a few keys.
public final class MerkleSynchronizer: Synchronizer {
    public typealias Settings = MerkleSettings

    public static let kind = "merkle"
    public static let summary =
        "Compares hash trees kept current with every write: cost grows with the differences. The choice in general."
    public static let guarantees: Set<Guarantee> = [SyncGuarantees.proportionalCost, SyncGuarantees.quietWhenEqual]

    private let settings: MerkleSettings
    private let environment: SyncEnvironment
    private let index: MerkleIndex
    private var asking: [SessionID: MerkleInitiator] = [:]
    private var answering: [SessionID: MerkleResponder] = [:]

    /// - Precondition: the settings have no problems.
    public init(settings: MerkleSettings, environment: SyncEnvironment) {
        precondition(MerkleSettings.depths.contains(settings.depth), "depth \(settings.depth) is not in range")
        precondition(settings.problems().isEmpty, "unchecked settings")
        self.settings = settings
        self.environment = environment
        index = MerkleIndex(range: environment.range, depth: settings.depth, fanOut: settings.fanOut)
    }

    public func recordsChanged(_ changes: [RecordChange]) {
        for change in changes { index.apply(change) }
    }

    /// `depth` and `fanOut` as set; `leaves` of this shard, those `occupiedLeaves` that hold a key, `keys`; the mean
    /// number of keys in all and in occupied leaves; `memoryBytes` of the tree; sessions under way.
    public var indexStatistics: [SyncStatistic] {
        let keys = Double(index.keys)
        return [
            SyncStatistic("depth", Double(settings.depth)),
            SyncStatistic("fanOut", Double(settings.fanOut)),
            SyncStatistic("leaves", Double(index.leaves)),
            SyncStatistic("occupiedLeaves", Double(index.occupiedLeaves)),
            SyncStatistic("keys", keys),
            SyncStatistic("meanKeysPerLeaf", keys / Double(index.leaves)),
            SyncStatistic("meanKeysPerOccupiedLeaf", keys / Double(max(index.occupiedLeaves, 1))),
            SyncStatistic("memoryBytes", Double(index.memoryBytes)),
            SyncStatistic("sessionsInitiated", Double(asking.count)),
            SyncStatistic("sessionsAnswered", Double(answering.count)),
        ]
    }

    public var sessionsUnderWay: Int { asking.count + answering.count }

    public func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        switch event {
        case .start(let id, let peer, let range):
            guard asking[id] == nil else { return }
            let session = MerkleInitiator(id, peer: peer, range: range, index: index)
            asking[id] = session
            session.start(&outbox)
        case .message(let id, let sender, let range, let bytes):
            let message = try? SessionMessage(decoding: bytes)
            if id.initiator == environment.node {
                guard let session = asking[id], session.peer == sender else { return }
                session.take(message, &outbox)
            } else {
                answer(id, sender, range, message, &outbox)
            }
        case .listed(let id, let listing, let entries, let next):
            asking[id]?.listed(listing, entries, next, &outbox)
            answering[id]?.listed(listing, entries, next, &outbox)
        case .abandoned(let id):
            asking[id] = nil
            answering[id] = nil
            return
        }
        forgetEnded(event.session)
    }

    private func answer(
        _ id: SessionID, _ sender: NodeID, _ range: TokenRange, _ message: SessionMessage?,
        _ outbox: inout Outbox<SyncEffect>
    ) {
        if let session = answering[id] {
            guard session.peer == sender else { return }
            session.take(message, &outbox)
        } else if let message, message.round == 1, case .open = message.body, id.initiator == sender,
            answering.count < SessionLimits.maximumAnswered
        {
            let session = MerkleResponder(id, peer: sender, range: range, index: index)
            answering[id] = session
            session.take(message, &outbox)
        } else {
            SessionLimits.refuse(id, sender, message, &outbox)
        }
    }

    private func forgetEnded(_ id: SessionID) {
        if let session = asking[id], session.hasEnded { asking[id] = nil }
        if let session = answering[id], session.hasEnded { answering[id] = nil }
    }
}
