import ConformanceKit
import NIOCore
import StatorCore
import Storage
import Testing

/// The log engine with something wrong about it.
private final class Mutant: StorageEngine {
    typealias Settings = NoSettings
    static let kind = "mutant"
    static let summary = ""
    static let guarantees = LogEngine.guarantees

    enum Flaw: CaseIterable {
        case neverSyncs, losesLastOfBatch, reversesBatches, ignoresRemovals, skipsCursor, endlessScan, keepsEverything
        case acceptsAfterFailedSync, deniesTheFrontOfABatch, readsAfterFailedSync, listsAfterFailedSync,
            returnsStaleOnCorruption, fakesBody, miscountsLiveBytes
    }

    let engine: LogEngine
    let flaw: Flaw
    var isFailed = false
    private var unsynced: [Key: StoredRecord] = [:]
    private var listing: [RecordMetadata] = []

    init(_ flaw: Flaw, _ environment: StorageEnvironment) throws(StorageError) {
        self.flaw = flaw
        var settings = LogSettings()
        settings.segmentSize = ByteCount(3000)
        engine = try LogEngine(settings: settings, environment: environment)
    }

    convenience init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {
        try self.init(.neverSyncs, environment)
    }

    var finding: StorageFinding { engine.finding }
    var isMemoryResident: Bool { false }

    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        if flaw == .readsAfterFailedSync, isFailed, let found = unsynced[key] { return found }
        do {
            guard let found = try engine.record(for: key, token: token) else { return nil }
            if flaw == .fakesBody, found.body.readableBytes > 1500 {
                return StoredRecord(
                    token: token, key: key, digest: found.digest, isTombstone: found.isTombstone, expiry: nil,
                    body: found.body)
            }
            return found
        } catch {
            if flaw == .returnsStaleOnCorruption {
                return StoredRecord(
                    token: token, key: key, digest: Digest(0), isTombstone: false, expiry: nil, body: ByteBuffer())
            }
            throw error
        }
    }

    func apply(_ batch: [StorageWrite]) throws(BatchError) {
        for case .put(let record) in batch { unsynced[record.key] = record }
        applied += batch.count
        switch flaw {
        case .losesLastOfBatch where batch.count > 5: try engine.apply(batch.dropLast())
        case .reversesBatches: try engine.apply(batch.reversed())
        case .ignoresRemovals:
            try engine.apply(batch.filter { if case .put = $0 { true } else { false } })
        case .acceptsAfterFailedSync where isFailed: return
        case .deniesTheFrontOfABatch:
            do throws(BatchError) {
                try engine.apply(batch)
            } catch {
                throw BatchError(written: 0, cause: error.cause)
            }
        default: try engine.apply(batch)
        }
    }

    func beginSync() throws(StorageError) -> (any SyncJob)? { flaw == .neverSyncs ? nil : try engine.beginSync() }

    func endSync(_ outcome: Result<Void, StorageError>) {
        if case .failure = outcome {
            isFailed = true
            _ = try? engine.scan(.full, after: nil, limit: 1000, into: &listing)
        }
        engine.endSync(outcome)
    }

    func scan(
        _ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata]
    ) throws(StorageError) -> ScanCursor? {
        switch flaw {
        case .listsAfterFailedSync where isFailed:
            entries += listing
            return nil
        case .skipsCursor: return try engine.scan(range, after: cursor, limit: limit + 1, into: &entries)
        case .endlessScan where cursor != nil:
            _ = try engine.scan(range, after: cursor, limit: limit, into: &entries)
            return nil
        default: return try engine.scan(range, after: cursor, limit: limit, into: &entries)
        }
    }

    func maintain(budget: ByteCount) throws(StorageError) -> Bool {
        flaw == .keepsEverything ? false : try engine.maintain(budget: budget)
    }

    private var applied = 0

    var statistics: StorageStatistics {
        var statistics = engine.statistics
        if flaw == .miscountsLiveBytes { statistics.liveBytes += applied }
        return statistics
    }

    func close() throws(StorageError) { try engine.close() }
}

@Suite struct MutantTests {
    @Test(arguments: Mutant.Flaw.allCases) private func flawedEnginesAreCaught(flaw: Mutant.Flaw) throws {
        #expect(throws: LawViolation.self) {
            try StorageLaws.check(kind: "mutant", guarantees: Mutant.guarantees, seed: 1) { environment in
                try Mutant(flaw, environment)
            }
        }
    }

    @Test func wrongDeclarationsAreCaught() throws {
        #expect(throws: LawViolation.self) {
            try StorageLaws.check(kind: "log", guarantees: [], seed: 1) { environment in
                try LogEngine(settings: .tiny, environment: environment)
            }
        }
    }
}
