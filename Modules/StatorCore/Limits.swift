/// The limits that have to fit together, in one place: key, value, siblings, record, hint, page, frame. Each is derived from
/// those before it, and `LimitsTests` derives them again.
///
/// The rule: what is accepted from a client can be stored, merged, hinted, streamed and synced everywhere. Merges add up and
/// cannot be refused, so the limit for writes is smaller than that of stores and frames, by as many as can write apart from
/// one another: the N owners of a key and its fallbacks. Each refuses a write that would leave a larger record than
/// ``clientRecord(asked:holders:)``; all of them together then fit ``maximumRecordBody``, and that fits ``maximumFrame``.
public enum Limits {
    // What clients give.

    /// The largest value that `replication.maximumValueBytes` can be set to, in bytes.
    public static let maximumValue = 16 << 20
    /// Client writes that would leave a key with more siblings than this are refused; repair never is.
    public static let maximumSiblings = 100
    /// Who may coordinate writes of one key at the same time, at most: 16 owners and 64 fallbacks.
    public static let maximumHolders = maximumReplicas + maximumFallbacks
    public static let maximumReplicas = 16
    public static let maximumFallbacks = 64

    // What is stored.

    /// The longest key that a store is given, in bytes: the name of a hint is its target's length and name, then a client's key.
    public static let maximumStoredKey = 1 + NodeID.maximumLength + Key.maximumLength
    /// The largest record body, in bytes, with all siblings: what merges may come to.
    public static let maximumRecordBody = 256 << 20
    /// What a record of one value has beside it, at most, in bytes: causal metadata and a media type.
    public static let recordAllowance = 512 << 10

    // What is sent.

    /// The largest page of records but for its last one, in bytes; that of anti-entropy is smaller.
    public static let maximumPage = 16 << 20
    /// What a message has beside the bodies of its records, in bytes: their keys and heads above all.
    public static let messageAllowance = 2 << 20
    /// The largest frame between nodes, in bytes: a page whose last record is of the largest size.
    public static let maximumFrame = maximumRecordBody + maximumPage + messageAllowance

    /// The largest record that a client's write may leave, in bytes.
    /// - Parameters:
    ///   - asked: what the configuration says.
    ///   - holders: N and the fallbacks of a key.
    public static func clientRecord(asked: Int, holders: Int) -> Int {
        min(asked, maximumRecordBody / max(holders, 1) - recordAllowance)
    }
}
