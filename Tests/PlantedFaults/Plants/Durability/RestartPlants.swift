import SimulationKit
import StatorCore
import Storage

/// What a store remembers of itself from life to life, for plants that spoil recovery.
private typealias Memory = Shared<[StorePlace: [ScanCursor: StoredRecord]]>

/// Recovery takes an older entry of the log for the newest one.
enum OlderRecordRecovered: Plant {
    static let name = "older-record-recovered"
    static let wrong = "After a crash some keys come back as they were before their last acknowledged write."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        let memory = Memory([:])
        options.wrapEngines { (base, place) throws(StorageError) in
            let older = memory.value[place] ?? [:]
            for key in older.keys.sorted() { if let record = older[key] { try base.apply(.put(record)) } }
            memory.value[place] = [:]
            return RememberingEngine(base, place, memory, remembers: .overwritten)
        }
    }
}

/// Recovery forgets that something was removed.
enum RemovalUndoneByRecovery: Plant {
    static let name = "removal-undone-by-recovery"
    static let wrong = "After a crash what had been removed is there again."
    static let caughtBy = ["crash-recovery"]
    static let scenario = Scenario.crashes
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        let memory = Memory([:])
        options.wrapEngines { (base, place) throws(StorageError) in
            let removed = memory.value[place] ?? [:]
            for key in removed.keys.sorted() { if let record = removed[key] { try base.apply(.put(record)) } }
            memory.value[place] = [:]
            return RememberingEngine(base, place, memory, remembers: .removed)
        }
    }
}

/// Keeps what batches overwrite or remove, past its own life.
private final class RememberingEngine: PassingEngine {
    enum Subject { case overwritten, removed }

    private let place: StorePlace
    private let memory: Memory
    private let subject: Subject

    init(_ base: any StorageEngine, _ place: StorePlace, _ memory: Memory, remembers subject: Subject) {
        self.place = place
        self.memory = memory
        self.subject = subject
        super.init(base)
    }

    required init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {
        throw .unsupported("a wrapper is made from its base")
    }

    override func apply(_ batch: [StorageWrite]) throws(BatchError) {
        for write in batch {
            let cursor = ScanCursor(token: write.token, key: write.key)
            let held = try? base.record(for: write.key, token: write.token)
            switch (write, subject) {
            case (.put, .overwritten): if let held { memory.value[place, default: [:]][cursor] = held }
            case (.remove, .overwritten): memory.value[place]?[cursor] = nil
            case (.put, .removed): memory.value[place]?[cursor] = nil
            case (.remove, .removed): if let held { memory.value[place, default: [:]][cursor] = held }
            }
        }
        try base.apply(batch)
    }
}
