package import StatorCore

/// The counters that an incarnation may issue, in every shard: those up to its end.
///
/// A node issues within leases so that a start, after whatever stop, can tell which counters were never issued: those
/// above the last lease in its folder. That the folder is the latest one, and no older copy of it, the other members tell:
/// see ``LeaseKeeper``.
package struct DotLease: Hashable, Sendable {
    /// How many counters each lease adds.
    package static let length: UInt64 = 1 << 20
    /// So few counters are left that a new incarnation begins.
    static let reserve: UInt64 = 1 << 17
    /// So few that new writes wait for it; more than are under way by default.
    static let waitReserve: UInt64 = 1 << 13

    package let incarnation: UInt64
    package let end: UInt64

    package init(incarnation: UInt64, end: UInt64) {
        self.incarnation = incarnation
        self.end = end
    }

    /// The lease that follows; `nil` where no counters are left.
    var next: DotLease? {
        let (end, overflow) = end.addingReportingOverflow(DotLease.length)
        return overflow ? nil : DotLease(incarnation: incarnation, end: end)
    }
}

/// What shards may issue from now on.
package struct DotGrant: Hashable, Sendable {
    package let lease: DotLease
    /// The counters up to this one may have been issued in an earlier life.
    package let above: UInt64

    package init(lease: DotLease, above: UInt64) {
        self.lease = lease
        self.above = above
    }
}

/// A node asks another member to remember a lease of its own.
package struct LeaseClaim: Hashable, Sendable {
    package let lease: DotLease
    /// A start's: the end of the lease that it goes on above, which the witness must know as the last one.
    package let follows: UInt64?
    /// A majority has it: no other life has, nor will, so that a witness that was away takes it whatever it knew.
    package let isWitnessed: Bool
    /// The number of the start that asks: random, one for each start.
    package let life: UInt64
    /// Of the view under which it asks, which must be the witness's.
    package let epoch: Epoch

    package init(lease: DotLease, follows: UInt64?, isWitnessed: Bool, life: UInt64, epoch: Epoch) {
        self.lease = lease
        self.follows = follows
        self.isWitnessed = isWitnessed
        self.life = life
        self.epoch = epoch
    }
}

/// What a witness says to a claim.
package enum LeaseVerdict: Hashable, Sendable {
    /// It is remembered, durably.
    case kept
    /// It does not follow from what is remembered: the last lease that the witness knows of the node, and whose it was.
    case refused(lastLife: UInt64?)
    /// The witness has another view.
    case otherEpoch(Epoch)
}
