internal import StatorCore
internal import Sync

/// A key of one of the shard's two stores.
struct StoreKey: Hashable {
    let store: StoreName
    let token: Token
    let key: Key

    static func records(_ token: Token, _ key: Key) -> StoreKey {
        StoreKey(store: .records, token: token, key: key)
    }

    static func hint(for target: NodeID, _ token: Token, _ key: Key) -> StoreKey {
        StoreKey(store: .hints, token: token, key: HintKey.encoded(target: target, key: key))
    }
}

/// What is to be done with one key of a store. Per key one load-merge-apply runs at a time, from its load until the
/// applied record has reached its durability; the others wait in the order of their arrival.
enum KeyTask {
    /// Load it. A read of a key that nobody is changing starts at once and holds nobody up.
    case read(ReadPurpose)
    /// Merge a record into what is there.
    indirect case merge(StoredRecord, MergePurpose)
    /// Make a client's write into a record, over what is there.
    case coordinate(RequestID)
    /// Forget the key if its digest is still this one, or for `nil` only if its record is corrupt.
    case remove(Digest?, RemovePurpose)
}

/// What becomes of a loaded record.
enum ReadPurpose {
    /// Answer a coordinator; whether the answer counts to R is settled when the read comes in.
    case replica(NodeID, RequestID, counts: Bool, known: Digest?)
    /// This node's own part of a read that it coordinates.
    case operation(RequestID)
    /// One of several loads; the last one continues.
    case gather(GatherID)
}

/// What becomes of the outcome of a merge.
enum MergePurpose {
    /// Answer a coordinator.
    case replica(NodeID, RequestID)
    /// This node's own part of a write that it coordinates.
    case operation(RequestID)
    /// One of several records that a sync session pushed here.
    case pushed(BatchID)
    /// A record that came in the answer to a push or a pull of a sync session.
    case exchanged(RequestID)
    /// A record that a read repair or a healing found missing here.
    case repaired
    /// One of a page of streamed records, by the request that brought it.
    case streamed(StreamID, page: RequestID)
    /// This node's own part in handing on a hint whose target is no owner any more.
    case hintRelay(RequestID)
}

enum RemovePurpose {
    case hintDone(HintEnd)
    case unowned
    /// It is corrupt, and the other owners hold nothing.
    case corrupt
}

/// How a hint ended.
enum HintEnd {
    /// Its target has it.
    case delivered
    /// Its target owns the key no more, and all who do have it.
    case covered
    /// It cannot be read, so that it can never be delivered.
    case cancelled
}

struct GatherID: Hashable, Numbered { let number: UInt64 }
struct BatchID: Hashable { let number: UInt64 }
struct StreamID: Hashable { let number: UInt64 }

/// A storage command under way and what it is for. It waits in a table, so it is one reference.
indirect enum PendingStorage {
    case load(StoreKey, KeyTask)
    case apply(StoreKey, KeyTask, old: StoredRecord?, new: StoredRecord?)
    case scan(ScanPurpose)
    /// The sizes of records of which so many bytes are to be loaded.
    case measure([StoreKey], atMost: Int, Gather.Purpose)
    /// A note beside the keys: nobody waits for it.
    case note
}

enum ScanPurpose {
    /// Rebuilding the sync index at start.
    case rebuildIndex
    /// Finding the hints that an earlier life left.
    case rebuildHints
    /// A listing that a sync session asked for.
    case listing(SessionID, ListingID)
    /// A page for a node that gains or recovers a range.
    case page(NodeID, RequestID)
    /// What the index knows of a corrupt record, for the task that takes its place.
    case corrupt(StoreKey, KeyTask)
    /// A page of what is handed over.
    case handOver(RequestID)
    /// What is held of the range that a node that lets go asks about.
    case cover(RequestID)
}
