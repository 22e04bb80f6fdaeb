/// What a node remembers of itself across restarts, durable in its data folder before anything else happens.
package struct NodeIdentity: Hashable, Sendable {
    /// Issues dots: new and random after an unclean stop, a restore or a lost folder.
    package var incarnation: UInt64
    /// Dots already issued by each shard in this incarnation; the next start goes on above them. Only a clean stop
    /// leaves them, so an unclean one takes a new incarnation with zeros.
    package var dotsIssued: [UInt64]
    /// Rises with every start.
    package var generation: UInt64
    /// Of each shard, why its records are in doubt, or `nil` where they are whole.
    package var doubts: [Doubt?]

    package init(incarnation: UInt64, dotsIssued: [UInt64], generation: UInt64, doubts: [Doubt?]) {
        self.incarnation = incarnation
        self.dotsIssued = dotsIssued
        self.generation = generation
        self.doubts = doubts
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

    package var description: String { "\(cause): \(reason)" }
}
