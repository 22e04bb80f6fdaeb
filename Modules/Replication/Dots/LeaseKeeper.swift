internal import StatorCore

/// Under which leases this node issues dots, and what it asks of the other members for them.
///
/// A dot is issued once, whatever folder a node starts from: from one after a crash, a copy, a backup, or two copies at
/// the same time.
///
/// 1. Dots are issued within leases. One counts once a majority of the other members remembers it durably (they *witness*
///    it), and it is durable in the folder before the first dot under it.
/// 2. A start goes on above the last lease in its folder if a majority of the others confirms that they know exactly that one
///    as the last, under the same view. By confirming they take the next one, so that of two copies one is confirmed.
/// 3. Otherwise, and where no majority answers in time, a new incarnation begins at once: a random number that nobody had.
///    It is witnessed as soon as may be. Until then it is in no folder, and no start goes on with it.
/// 4. Running nodes have their lease witnessed again after each change of the view, so that majorities of one view meet.
///
/// A node without other members has only its folder to go by: see ``NodeIdentity``.
struct LeaseKeeper {
    /// A lease that others are asked to witness.
    struct Claim {
        let lease: DotLease
        /// A start's: see ``LeaseClaim/follows``.
        let follows: UInt64?
        let epoch: Epoch
        var keptBy: [NodeID] = []
        var refusedBy: [NodeID] = []
    }

    let life: UInt64
    /// Starts whose claims may have arrived without the folder's knowing.
    let ownLives: [UInt64]
    /// The lease in the folder.
    var stored: DotLease?
    /// What shards issue under.
    var granted: DotLease?
    /// Whether a start may go on above `granted`: it is witnessed, and in the folder.
    var isWitnessed = false
    var claim: Claim?
    /// A lease that is being written to the folder.
    var persisting: DotLease?
    /// A write of the granted incarnation to the folder has failed: it may be there all the same.
    var isSpoiled = false
    /// The folder is an older copy: another life went on from it.
    var isRestored = false

    // As a witness.
    var book: WitnessBook
    /// Verdicts that wait until the book is durable: those of the write under way, and of the next.
    var persistingVerdicts: [(NodeID, LeaseClaim)] = []
    var waitingVerdicts: [(NodeID, LeaseClaim)] = []
    var isPersistingBook = false
    var isBookChanged = false

    init(identity: NodeIdentity, book: WitnessBook) {
        life = identity.life
        ownLives = identity.lives
        stored = identity.lease
        self.book = book
    }
}
