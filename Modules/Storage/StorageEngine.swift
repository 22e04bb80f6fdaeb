public import NIOCore
public import StatorCore

/// Keeps records: a plain synchronous object over a ``Disk``, used by one thread at a time.
///
/// The driver decides where it runs: on the shard's loop where ``isMemoryResident``, otherwise on a storage thread.
/// Only the job that ``beginSync()`` hands out may run on another thread meanwhile. A written record is visible to the
/// next call at once and durable when a sync begun after it has ended; whoever acknowledges waits for that.
public protocol StorageEngine: Strategy, AnyObject {
    /// Which laws hold; see ``StorageGuarantees``.
    static var guarantees: Set<Guarantee> { get }

    /// Opens the engine in its folder, creating it where there is none, and recovers what is there.
    /// - Throws: ``StorageError`` when the folder cannot be used or holds what recovery must not pass over.
    init(settings: Settings, environment: StorageEnvironment) throws(StorageError)

    /// What was found when it was opened. That a store was made and what is damaged is found again at every opening until
    /// ``acknowledgeFinding()`` was called. An engine that forgets everything with the process finds it made, always.
    var finding: StorageFinding { get }

    /// Whoever opened the engine has made durable what follows from ``finding``: the next opening finds only what is new.
    func acknowledgeFinding() throws(StorageError)

    /// Whether no call ever waits for a disk, so that all may run on the loop.
    var isMemoryResident: Bool { get }

    /// The record of a key, or `nil`.
    /// - Throws: ``StorageError/corrupt(_:)`` when its bytes fail their checksum, ``StorageError/disk(_:)``.
    /// - Complexity: one index look-up and at most one read.
    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord?

    /// The record's body alone, for engines that have a shorter way to it.
    /// - Throws: as ``record(for:token:)``.
    func body(for key: Key, token: Token) throws(StorageError) -> ByteBuffer?

    /// The record's digest alone, likewise.
    func digest(for key: Key, token: Token) throws(StorageError) -> Digest?

    /// Writes a batch in order; all of it is visible when the call returns, durable after the next sync.
    ///
    /// A failure leaves every earlier batch intact. Of the failed one a prefix is written, as the error says, and nothing
    /// after it is visible; a later reopen may show a longer prefix.
    /// - Parameter batch: keys may repeat; the last one counts.
    /// - Throws: ``BatchError``; with ``StorageError/unsupported(_:)`` where a write by itself cannot be stored, so that those
    ///   after it may be tried again.
    func apply(_ batch: [StorageWrite]) throws(BatchError)

    /// The same for one write, for engines that have a shorter way for it.
    func apply(_ write: StorageWrite) throws(StorageError)

    /// A job that makes everything applied so far durable, or `nil` where nothing needs it.
    ///
    /// The job runs once, on any thread, while this engine goes on being used. Its outcome is reported back with
    /// ``endSync(_:)`` on the engine's thread before the next job begins.
    func beginSync() throws(StorageError) -> (any SyncJob)?

    /// Takes the outcome of the last job. After a failure the engine refuses further writes: a failed fsync is never
    /// retried on the same file, since the kernel may have dropped what it could not write. Nor does it show any more
    /// what no sync has covered: reads of those keys throw, and scans throw while there are such keys. Whoever finds a
    /// record here takes it for durable.
    func endSync(_ outcome: Result<Void, StorageError>)

    /// Reads metadata in (token, key) order.
    /// - Parameters:
    ///   - cursor: go on after this position; `nil` starts at the range's first token.
    ///   - limit: at most this many entries, at least 1.
    ///   - entries: the found ones are appended.
    /// - Returns: where to go on, or `nil` when the range is exhausted.
    /// - Throws: ``StorageError/failed(_:)`` where a sync has failed and the listing could show what it did not cover.
    /// - Complexity: O(limit + log), from memory.
    func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor?

    /// Does background work (merging dead data away) worth at most about `budget` bytes read and written.
    /// - Returns: whether more remains to be done now.
    func maintain(budget: ByteCount) throws(StorageError) -> Bool

    var statistics: StorageStatistics { get }

    /// Makes everything durable and leaves no lock behind. The engine is not used after it.
    func close() throws(StorageError)
}

extension StorageEngine {
    public func acknowledgeFinding() throws(StorageError) {}

    public func body(for key: Key, token: Token) throws(StorageError) -> ByteBuffer? {
        try record(for: key, token: token)?.body
    }

    public func digest(for key: Key, token: Token) throws(StorageError) -> Digest? {
        try record(for: key, token: token)?.digest
    }

    public func apply(_ write: StorageWrite) throws(StorageError) {
        do throws(BatchError) {
            try apply([write])
        } catch {
            throw error.cause
        }
    }
}

/// A batch failed on the way.
public struct BatchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// So many writes from its front are written like those of any other batch: visible now, durable after the next sync.
    public let written: Int
    /// Why the next one is not.
    public let cause: StorageError

    public init(written: Int, cause: StorageError) {
        self.written = written
        self.cause = cause
    }

    public var description: String { "after \(written) writes of a batch: \(cause)" }
}

/// Makes earlier writes durable, on a thread of its own.
public protocol SyncJob: Sendable {
    func run() throws(StorageError)
}

/// What an engine may use of the world.
public struct StorageEnvironment: Sendable {
    public let disk: any Disk
    /// The engine's own folder, which no one else touches.
    public let folder: String
    /// Whose store this is, such as cluster, node, shard and store in one text: what lies in the folder and is another's is
    /// not this store's data.
    public let owner: String
    /// Random: the id of the store where it is made now. Frames of one store are none in another.
    public let newStoreID: UInt64
    /// A file outside of the folder, for an engine that notes there how far it is durable: a folder that was put back as a
    /// whole is behind it. `nil` where there is no such place.
    public let durableFile: String?

    public init(disk: any Disk, folder: String, owner: String, newStoreID: UInt64, durableFile: String? = nil) {
        self.durableFile = durableFile
        self.disk = disk
        self.folder = folder
        self.owner = owner
        self.newStoreID = newStoreID
    }
}

public enum StorageWrite: Equatable, Sendable {
    case put(StoredRecord)
    /// Forget the key altogether, without a tombstone.
    case remove(Token, Key)

    public var token: Token {
        switch self {
        case .put(let record): record.token
        case .remove(let token, _): token
        }
    }

    public var key: Key {
        switch self {
        case .put(let record): record.key
        case .remove(_, let key): key
        }
    }
}

public struct StorageStatistics: Hashable, Sendable {
    /// Records held, tombstones included.
    public var records = 0
    public var tombstones = 0
    /// Bytes of live records, and on disk where there is one.
    public var liveBytes = 0
    public var diskBytes = 0
    /// Bytes on disk that a merge would free.
    public var deadBytes = 0
    public var segments = 0
    public var merges = 0
    /// Bytes that recovery dropped as a torn tail.
    public var tornBytes = 0
    /// Records that failed their checksum, at recovery or on a read.
    public var corruptRecords = 0

    public init() {}
}

public enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    case disk(DiskError)
    /// A record's bytes are not what was written.
    case corrupt(String)
    /// A folder that this engine cannot read: another format, another version.
    case unsupported(String)
    /// An earlier failure made the engine refuse writes.
    case failed(String)

    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .corrupt(let what): "stored data is corrupt: \(what)"
        case .unsupported(let what): what
        case .failed(let why): "storage refuses writes after an earlier failure: \(why)"
        }
    }
}

/// The laws of engines. Agreement with the model, order of scans and isolation of batches hold for all of them.
public enum StorageGuarantees {
    public static let persists = Guarantee(
        "persists", "What was synced before a crash is there after reopening, and nothing that was never written is.")
    public static let detectsCorruption = Guarantee(
        "detects-corruption", "A record whose bytes changed on disk is never returned as if it were intact.")
}
