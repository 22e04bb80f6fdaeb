/// What a node remembers of itself across restarts, durable in its data folder before anything else happens.
package struct NodeIdentity: Hashable, Sendable {
    /// Rises with every start.
    package var generation: UInt64
    /// Which data folder it is: random, drawn when the folder was made.
    package var folder: UInt64
    /// Of each shard, why its records are in doubt, or `nil` where they are whole.
    package var doubts: [Doubt?]
    /// The last lease under which dots were issued: a start goes on above it where the others confirm it. `nil` where there
    /// is none, or the folder is a copy, or has lost records.
    package var lease: DotLease?
    /// The random numbers of the starts since that lease was made durable, this one last.
    package var lives: [UInt64]
    /// By shard: counters of the lease's incarnation up to which the records may have forgotten dots.
    package var forgotAt: [UInt64]

    /// How many starts are remembered. A supervisor that starts a node again and again, which fails each time, makes many of
    /// them: the one that others know comes before all those. What was forgotten makes the node doubt its folder.
    package static let rememberedLives = 1024

    package init(
        generation: UInt64, folder: UInt64 = 0, doubts: [Doubt?], lease: DotLease? = nil, lives: [UInt64] = [],
        forgotAt: [UInt64]? = nil
    ) {
        self.generation = generation
        self.folder = folder
        self.doubts = doubts
        self.lease = lease
        self.lives = lives
        self.forgotAt = forgotAt ?? Array(repeating: 0, count: doubts.count)
    }

    /// This start's number.
    package var life: UInt64 { lives.last ?? 0 }

    /// A shard is in doubt from now on; where it is already, of two causes the worse one is remembered.
    package mutating func doubt(_ found: Doubt, shard: Int) {
        doubts[shard] = found.over(doubts[shard])
    }

    /// The same of every shard.
    package mutating func doubt(_ found: Doubt) {
        for shard in doubts.indices { doubt(found, shard: shard) }
    }

    /// The records of a shard may have forgotten any dot of the lease.
    package mutating func forget(shard: Int) {
        if let end = lease?.end { forgotAt[shard] = end }
    }
}

/// A shard may hold less than it has acknowledged. Until it was compared with enough other owners it does not count to R, and
/// is no source for others.
package struct Doubt: Hashable, Sendable, CustomStringConvertible {
    package enum Cause: UInt8, CaseIterable, Sendable {
        /// The data folder was made by this node's first start, or took the place of one that is gone: only the others know.
        case new = 1
        /// What was in the data folder is gone.
        case lost = 2
        /// Some of it was changed or is missing.
        case damaged = 3
        /// The data folder is a copy, or an older one that was put back: what was acknowledged since is not there.
        case restored = 4

        /// Of two causes the worse one is remembered: what was lost before stays lost.
        private var severity: Int {
            switch self {
            case .new: 0
            case .restored: 1
            case .damaged: 2
            case .lost: 3
            }
        }

        fileprivate func isWorse(than other: Cause) -> Bool { severity > other.severity }
    }

    /// The most bytes of a reason.
    package static let maximumReason = 2048

    package var cause: Cause
    /// What was found, for people.
    package var reason: String

    package init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = String(decoding: reason.utf8.prefix(Doubt.maximumReason), as: UTF8.self)
    }

    /// Another life went on from the state in the data folder.
    package static let olderCopy = Doubt(
        .restored, "its data folder is older than what the other members know of the node")

    /// What is remembered when this is found after `known`.
    package func over(_ known: Doubt?) -> Doubt {
        if let known, known.cause.isWorse(than: cause) { known } else { self }
    }

    package var description: String { "\(cause): \(reason)" }
}
