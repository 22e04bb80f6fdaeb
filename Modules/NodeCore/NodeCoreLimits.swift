internal import StatorCore

/// Every limit of the node core in one place: what the queue of a shard's stores, the data folder and the links are
/// bounded by, whichever driver runs them.
package enum NodeCoreLimits {
    // Stores.
    /// Commands of one shard that may wait for storage; more are failed at once. The machine bounds what it asks for.
    package static let maximumStorageQueue = 1 << 17
    /// Writes that are handed to an engine in one batch.
    static let maximumWriteBatch = 4096
}
