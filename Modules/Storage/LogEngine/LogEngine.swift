internal import NIOCore
public import StatorCore

/// Keeps records in append-only segment files and their places in memory: one write and at most one read per operation,
/// and recovery by reading what was written.
///
/// After Justin Sheehy and David Smith, "Bitcask: A Log-Structured Hash Table for Fast Key/Value Data", Basho, 2010.
///
/// | Bitcask            | here                                                        |
/// |--------------------|-------------------------------------------------------------|
/// | data file          | segment, ``LogSegment``                                     |
/// | active data file   | the active segment; the others are sealed                   |
/// | entry              | frame, ``LogFrame``                                         |
/// | keydir             | index, ``TokenIndex`` of ``LogLocation``                    |
/// | tombstone value    | removal entry (our tombstones are records like any other)   |
/// | merge              | merge, in slices of `maintain`                              |
/// | hint file          | hint file, ``LogHint``                                      |
///
/// Deviations:
/// 1. The index is ordered by token, so that ranges can be scanned; Bitcask's is a hash table.
/// 2. Sequence numbers, not times or file order, say which of two entries is newer. They also tell a torn tail (cut
///    off: an exact prefix of the unsynced writes survives) from damage among durable entries (counted, passed over).
/// 3. Checks are XXH3, one for head and key and one for the body; bodies may be LZ4 blocks.
/// 4. A merge names in its file what it replaces, so that a crash at any point leaves each record once.
/// 5. Removal entries outlive a merge while a dead put of an older sequence lies in a segment outside it.
/// 6. A hint covers a prefix of its segment; what was appended after it is read from the segment.
/// 7. A store has a random id, in its marker (``StoreMarker``), which seeds all checks: files of another store are damage. A
///    manifest (``StoreManifest``) lists the durable segments and how far they are, so that a start misses what is gone;
///    ``DurableTail`` says up to which write all was durable since.
///
/// What it cannot tell apart: after a power cut, damage in what was synced last, before a later frame, the manifest (written
/// in the background and at the end), a hint or the tail's file reached the disk, looks like a torn tail; it and what follows
/// it are cut off.
///
/// Costs: a write appends 64 bytes + key + body, and updates the index; a read is one index look-up and one positional
/// read. Memory per key: about 64 bytes in the index and the key in a buffer of its own. Opening reads the hints,
/// and the bodies only of segments (or tails) without one.
public final class LogEngine: StorageEngine {
    public typealias Settings = LogSettings
    public static let kind = "log"
    public static let summary = "Append-only segments with an index in memory: fast durable writes, one read per get."
    public static let guarantees: Set<Guarantee> = [StorageGuarantees.persists, StorageGuarantees.detectsCorruption]

    let disk: any Disk
    let folder: String
    let owner: String
    let newStoreID: UInt64
    /// See ``DurableTail``.
    let tailPath: String
    let settings: LogSettings

    /// Which store this is, once its marker was read.
    var store = StoreIdentity(id: 0, ownerHash: 0)
    /// As it is on the disk.
    var manifest = StoreManifest()
    /// Found at the opening and not acknowledged yet.
    var damage = StorageDamage()
    /// Hints without their segments were there at the opening.
    var hasOrphanedHints = false

    let index = TokenIndex<KeyedEntry<LogLocation>>()
    /// Ascending by number; the active one included, a merge's output not before it is complete.
    var segments: [LogSegment] = []
    /// Where appends go; `nil` until the next append makes one.
    var active: LogSegment?
    var nextNumber: UInt32 = 1

    /// Of the last write that the index knows.
    var lastSequence: UInt64 = 0
    /// All writes up to it are durable.
    var durableSequence: UInt64 = 0
    var dirty: [LogSegment] = []
    var folderIsDirty = false
    var sync: LogSync?
    /// See ``DurableTail``.
    var openTail: (any DiskFile)?
    /// Why writes are refused.
    var failure: String?

    /// The frames that the next write to the disk consists of, and what they are.
    var frames = ByteBuffer()
    var pending: [PendingWrite] = []
    /// Of the batch at hand: how many writes were put into the buffer, and how many have been written out of it.
    var buffered = 0
    var written = 0

    var merge: LogMerge?
    var hintJob: LogHintJob?
    /// Replaced segments whose files could not be removed yet.
    var leftovers: [UInt32] = []
    var counts = StorageStatistics()
    var clock: UInt64 = 0
    var openFiles = 0

    public init(settings: LogSettings, environment: StorageEnvironment) throws(StorageError) {
        self.settings = settings
        disk = environment.disk
        folder = environment.folder
        owner = environment.owner
        newStoreID = environment.newStoreID
        tailPath = environment.durableFile ?? "\(environment.folder)/\(DurableTail.name)"
        try recover()
    }

    public var isMemoryResident: Bool { false }

    public func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        // A removal that is not durable is no entry that could be left out, so the whole listing is refused.
        if let failure, lastSequence > durableSequence { throw .failed(failure) }
        return index.scan(range, after: cursor, limit: limit, into: &entries)
    }

    public var statistics: StorageStatistics {
        var statistics = counts
        statistics.records = index.count
        statistics.segments = segments.count
        for segment in segments {
            statistics.liveBytes += segment.liveBytes
            statistics.diskBytes += segment.size
            statistics.deadBytes += segment.deadBytes
        }
        return statistics
    }

    /// Makes everything durable and writes the hints that the next start will use.
    public func close() throws(StorageError) {
        abandonMerge()
        hintJob = nil
        defer {
            for segment in segments { segment.file?.close() }
            openTail?.close()
            failure = failure ?? "the engine is closed"
        }
        if let failure { throw .failed(failure) }
        try syncNow()
        active = nil
        // What is not listed would not be missed at the next start.
        if isManifestStale { _ = try? writeManifest() }
        // A missing hint costs time at the next start, and nothing else.
        try? writeMissingHints()
    }
}

/// A frame that waits in the buffer for its write.
struct PendingWrite {
    let token: Token
    let key: Key
    let location: LogLocation
}

/// Runs a call on the disk, its failure turned into the engine's.
func onDisk<Result>(_ call: () throws(DiskError) -> Result) throws(StorageError) -> Result {
    do {
        return try call()
    } catch {
        throw .disk(error)
    }
}
