import NIOCore
import StatorCore

/// What the two ends of a session say to each other, for every strategy that drives a session from its initiator.
///
/// The initiator asks and waits; each question carries the next round number and its answer repeats it. So at most one
/// question is under way, a duplicate is known by its old number, and the answering end keeps nothing between rounds.
struct SessionMessage: Hashable {
    enum Body: Hashable {
        // Questions about single keys: all of a full scan, the end of every other session.
        case page([ListingSection])
        /// The answer: how many of the page's keys differ.
        case paged(differing: Int)
        /// The initiator has no more questions.
        case done
        /// The sender cannot go on: another format, an unknown session, too many sessions.
        case refused

        // Questions about sums of an index.
        /// The sums of the range's parts at slices of `depth` bits; see ``MerklePlan/parts``.
        case open(depth: Int, sums: [UInt64])
        /// Which parts differ: bit i stands for part i.
        case opened(differing: UInt8)
        /// The answering end knows only coarser slices: ask again with these.
        case coarser(depth: Int)
        case compare([NodeSums])
        /// One bit for each sum asked about, in order: whether it differs.
        case compared([Bool])
        case slices([LeafRun])
        /// The fine slices that differ, rising and disjoint.
        case sliced([ClosedRange<UInt64>])
    }

    var round: UInt64
    var body: Body

    /// The first byte of every message.
    static let version: UInt8 = 1
}

/// A key as listings carry it.
struct ListedKey: Hashable {
    var token: Token
    var key: Key
    var digest: Digest

    var cursor: ScanCursor { ScanCursor(token: token, key: key) }

    /// The fewest bytes that one takes on the wire.
    static let minimumBytes = 8 + 2 + 8
}

/// All keys that the initiator holds in a span: the tokens of `range`, after one position, up to and with another.
struct ListingSection: Hashable {
    var range: TokenRange
    /// `nil`: from the range's first token.
    var after: ScanCursor?
    /// `nil`: to the range's last token.
    var through: ScanCursor?
    var entries: [ListedKey]

    static let minimumBytes = 16 + 1 + 1
    /// The most sections in one page, each of which costs the other end a listing.
    static let maximumCount = 1024
}

/// The sums of neighbouring nodes of one level: the subtrees whose tokens begin with `bits` bits equal to `first`,
/// `first + 1`, ...
struct NodeSums: Hashable {
    var bits: Int
    var first: Int
    var sums: [UInt64]

    static let minimumBytes = 1 + 1 + 1 + 8
}

/// Neighbouring leaves whose keys the initiator has summed by fine slices; a slice without keys is left out.
struct LeafRun: Hashable {
    var firstLeaf: Int
    var leafCount: Int
    /// Rising by index.
    var slices: [FineSum]

    static let minimumBytes = 1 + 1 + 1
}

/// The sum of one fine slice; the index counts fine slices from the start of the token space.
struct FineSum: Hashable {
    var index: UInt64
    var sum: UInt64
}
