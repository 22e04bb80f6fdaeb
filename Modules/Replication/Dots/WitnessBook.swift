package import StatorCore

/// What a node remembers of the other members' leases: durable before it says so.
///
/// Rules: a lease of an incarnation that is not known is taken, unless it claims to follow another one; a start's claim
/// is taken where the last that is known is exactly the lease that it follows, known under the same view; a life's later
/// claims follow its own; what a majority has witnessed is taken by those who were away. An end never falls. So of two
/// lives that begin from copies of one folder a majority confirms one.
package struct WitnessBook: Hashable, Sendable {
    /// Incarnations of one node that are remembered: it is the latest that a start may go on with, and earlier ones
    /// keep copies of old folders from being taken for it.
    package static let remembered = 8

    package struct Entry: Hashable, Sendable {
        package let incarnation: UInt64
        package var end: UInt64
        package var life: UInt64
        package var epoch: Epoch

        package init(incarnation: UInt64, end: UInt64, life: UInt64, epoch: Epoch) {
            self.incarnation = incarnation
            self.end = end
            self.life = life
            self.epoch = epoch
        }
    }

    package struct Page: Hashable, Sendable {
        package let node: NodeID
        /// The latest last.
        package var entries: [Entry]

        package init(node: NodeID, entries: [Entry]) {
            self.node = node
            self.entries = entries
        }
    }

    /// Sorted by node.
    package private(set) var pages: [Page]

    package init(pages: [Page] = []) {
        self.pages = pages.sorted { $0.node < $1.node }
    }

    /// Takes a claim under the view that both have, or not. O(nodes).
    /// - Returns: the verdict, and whether anything has changed.
    mutating func take(_ claim: LeaseClaim, of node: NodeID) -> (verdict: LeaseVerdict, hasChanged: Bool) {
        guard let page = pages.firstIndex(where: { $0.node == node }) else {
            guard claim.follows == nil else { return (.refused(lastLife: nil), false) }
            let place = pages.firstIndex { node < $0.node } ?? pages.count
            pages.insert(Page(node: node, entries: [WitnessBook.entry(claim)]), at: place)
            return (.kept, true)
        }
        let entries = pages[page].entries
        guard let known = entries.lastIndex(where: { $0.incarnation == claim.lease.incarnation }) else {
            guard claim.follows == nil else { return (.refused(lastLife: entries.last?.life), false) }
            pages[page].entries.append(WitnessBook.entry(claim))
            if pages[page].entries.count > WitnessBook.remembered { pages[page].entries.removeFirst() }
            return (.kept, true)
        }
        let entry = entries[known]
        let isOwn = entry.life == claim.life && entry.end <= claim.lease.end
        let isFollowed = known == entries.count - 1 && claim.follows == entry.end && entry.epoch == claim.epoch
        let isSettled = claim.isWitnessed && entry.end <= claim.lease.end
        guard isOwn || isSettled || (isFollowed && entry.end < claim.lease.end) else {
            return (.refused(lastLife: entries.last?.life), false)
        }
        let renewed = WitnessBook.entry(claim)
        pages[page].entries[known] = renewed
        return (.kept, renewed != entry)
    }

    /// Forgets nodes that are no members any more.
    /// - Returns: whether there were any.
    mutating func keep(_ isMember: (NodeID) -> Bool) -> Bool {
        let before = pages.count
        pages.removeAll { !isMember($0.node) }
        return pages.count < before
    }

    private static func entry(_ claim: LeaseClaim) -> Entry {
        Entry(incarnation: claim.lease.incarnation, end: claim.lease.end, life: claim.life, epoch: claim.epoch)
    }
}
