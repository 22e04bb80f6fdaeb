import StatorCore

/// Every limit of the peer protocol. A count is checked against its limit, and against the bytes that are left, before
/// anything is kept; nothing is allocated by a count alone.
package enum WireLimits {
    /// The largest frame between nodes that have shaken hands, in bytes.
    package static let maximumFrame = Limits.maximumFrame
    /// The largest frame before that.
    package static let maximumHandshakeFrame = 4 << 10

    /// A record's body, a client's value or context.
    package static let maximumBody = Limits.maximumRecordBody
    /// Records in one message.
    package static let maximumRecords = 1 << 20
    /// Keys in one pull.
    package static let maximumKeys = 4096
    /// Versions in one answer to a client.
    package static let maximumVersions = 1 << 16
    /// Nodes in one preference list or list of hint targets.
    package static let maximumNodes = View.maximumMembers
    /// The membership strategy's own bytes.
    package static let maximumMembershipMessage = 64 << 10
    /// Sentences for people; longer ones are cut when they are sent.
    package static let maximumSentence = 4 << 10
    /// Causal metadata as text; longer ones are cut when they are sent.
    package static let maximumCausality = 64 << 10
    /// The kind of a strategy, the name of a hash.
    package static let maximumKind = 64
    package static let maximumFounders = 128
    /// A partitioner's kind with all its settings, in bytes.
    package static let maximumPartitionerText = 2048
    /// The name of a cluster.
    package static let maximumClusterName = 255
    package static let maximumHost = 255
    /// Counts inside errors and explanations; larger ones are cut when they are sent.
    package static let maximumNumber = Int(UInt32.max)
    /// Shards of a node; the number after the last one addresses the membership machine.
    package static let maximumShards = 255
}
