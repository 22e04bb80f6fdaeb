internal import StatorCore
internal import Sync

/// What work on keys has brought for whoever began it.
enum KeyOutcome {
    case read(ReadPurpose, TaskOutcome)
    case gathered(Gather)
    case merged(StoreKey, StoredRecord, MergePurpose, TaskOutcome)
    /// The key's turn has come, with what is there: see ``KeyWork/turn(on:for:_:)``.
    case turn(RequestID, StoreKey, LoadedRecord)
    /// What was put in a turn.
    case coordinated(RequestID, StoreKey, TaskOutcome)
    case removed(StoreKey, RemovePurpose, TaskOutcome)
    case scanned(ScanPurpose, [RecordMetadata], next: ScanCursor?)
    case scanFailed(ScanPurpose)
    /// A corrupt record was met.
    case corrupt(StoreKey)

    /// The key whose next task begins once this has been handled. A read holds nobody up; a turn ends by itself.
    var releasedKey: StoreKey? {
        switch self {
        case .merged(let key, _, _, _), .coordinated(_, let key, _), .removed(let key, _, _): key
        case .read, .gathered, .turn, .scanned, .scanFailed, .corrupt: nil
        }
    }
}

/// What a load brought.
enum LoadedRecord {
    case readable(StoredRecord?)
    /// The bytes are not what was written: the record is lost here, and this is what the engine's index knew of it.
    case corrupt(StoredRecord?)
    /// The disk did not answer: the record may be there.
    case unreadable
}

/// How a task on a key ended.
enum TaskOutcome {
    /// A read found this.
    case held(StoredRecord?)
    /// Nothing needed to change; this is what is there.
    case unchanged(StoredRecord?)
    /// Applied at the configured durability.
    case changed(old: StoredRecord?, new: StoredRecord?)
    /// A read found bytes that are not what was written: the record is lost here.
    case corrupt
    /// It may have been applied in part.
    case failed
    /// The store takes nothing now: nothing was applied.
    case refused

    /// What the key holds after the task.
    var record: StoredRecord? {
        switch self {
        case .held(let record), .unchanged(let record): record
        case .changed(_, let new): new
        case .corrupt, .failed, .refused: nil
        }
    }

    var isFailure: Bool {
        switch self {
        case .corrupt, .failed, .refused: true
        case .held, .unchanged, .changed: false
        }
    }

    /// Whether a live version was there before.
    var hadLive: Bool {
        switch self {
        case .held(let record), .unchanged(let record): record.map { !$0.isTombstone } ?? false
        case .changed(let old, _): old.map { !$0.isTombstone } ?? false
        case .corrupt, .failed, .refused: false
        }
    }
}
