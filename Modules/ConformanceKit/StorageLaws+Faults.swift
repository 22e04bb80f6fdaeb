internal import NIOCore
internal import Simulation
internal import StatorCore
internal import Storage

extension StorageLaws {
    /// A write that meets a full disk fails; what was there stays, and with space writes work again.
    static func survivesFullDisk(_ subject: Subject) throws {
        let law = "survives-a-full-disk"
        var cases = StorageCases(subject.random(law), keys: 20)
        for _ in 0..<40 {
            let disk = SimulatedDisk(random: cases.random.split())
            let engine = try subject.open(disk, law)
            var history = WriteHistory()
            let before = cases.batch()
            try engine.apply(before)
            history.note(before)
            try sync(engine)
            guard disk.hasBeenWrittenTo else { return try engine.close() }
            history.synced = history.writes
            // In the middle of any batch, also of one that begins another file.
            let fullAt = cases.random.below(30)
            for number in 0..<30 {
                if number == fullAt { disk.faults.capacity = disk.usedBytes + cases.random.below(700) }
                let batch = (0..<5).flatMap { _ in cases.batch() }
                history.note(batch)
                do throws(BatchError) {
                    try engine.apply(batch)
                } catch {
                    try checkFront(of: batch, error, engine, subject, law)
                    break
                }
                history.synced = history.writes
            }
            guard try history.settle(on: content(of: engine)) else {
                throw subject.violation(law, "after a write failed for want of space, earlier ones are not all there")
            }
            disk.faults.capacity = nil
            let after = cases.batch()
            try engine.apply(after)
            history.note(after)
            history.synced = history.writes
            try engine.close()
            guard try history.settle(on: content(of: subject.open(disk, law))) else {
                throw subject.violation(law, "after a write failed for want of space, later ones are not kept")
            }
        }
    }

    /// The error tells how much of a batch that failed is there.
    private static func checkFront(
        of batch: [StorageWrite], _ error: BatchError, _ engine: any StorageEngine, _ subject: Subject, _ law: String
    ) throws {
        guard (0..<batch.count).contains(error.written) else {
            throw subject.violation(
                law, "\(error.written) of \(batch.count) writes of a failed batch are said to be in")
        }
        for write in batch[..<error.written] {
            guard let last = batch[..<error.written].last(where: { $0.key == write.key }) else { continue }
            let found = try engine.record(for: last.key, token: last.token)
            if case .put(let record) = last, found != record {
                throw subject.violation(law, "a write that is said to be in is not read")
            }
        }
        for case .put(let record) in batch[error.written...] {
            if try engine.record(for: record.key, token: record.token) == record {
                throw subject.violation(law, "a write after the front of a failed batch is read")
            }
        }
    }

    /// After a failed sync nothing is accepted, and nothing counts as synced that was not before.
    static func refusesWritesAfterFailedSync(_ subject: Subject) throws {
        let law = "refuses-writes-after-a-failed-sync"
        var cases = StorageCases(subject.random(law), keys: 20)
        let disk = SimulatedDisk(random: cases.random.split())
        let engine = try subject.open(disk, law)
        var history = WriteHistory()
        let first = cases.batch() + [.put(cases.record())]
        try engine.apply(first)
        history.note(first)
        try sync(engine)
        guard disk.hasBeenWrittenTo else { return try engine.close() }
        history.synced = history.writes
        let second: [StorageWrite] = [.put(cases.record())]
        try engine.apply(second)
        history.note(second)
        disk.faults.failsSyncs = true
        if (try? sync(engine)) != nil { throw subject.violation(law, "a sync succeeds though the disk's fails") }
        disk.faults.failsSyncs = false
        if (try? engine.apply([.put(cases.record())])) != nil {
            throw subject.violation(law, "a write is accepted after a failed sync")
        }
        disk.crash(.lost)
        guard try history.settle(on: content(of: subject.open(disk, law))) else {
            throw subject.violation(law, "a write that was synced before the failure is lost")
        }
    }

    /// What a failed sync did not make durable is not shown again: whoever finds a record takes it for durable.
    static func showsNothingOfAFailedSync(_ subject: Subject) throws {
        let law = "shows-nothing-of-a-failed-sync"
        var cases = StorageCases(subject.random(law), keys: 20)
        let disk = SimulatedDisk(random: cases.random.split())
        let engine = try subject.open(disk, law)
        var durable = StorageModel()
        for _ in 0..<10 {
            let batch = cases.batch()
            try engine.apply(batch)
            durable.apply(batch)
        }
        try sync(engine)
        guard disk.hasBeenWrittenTo else { return try engine.close() }
        let unsynced = cases.batch() + [.put(cases.record())]
        try engine.apply(unsynced)
        disk.faults.failsSyncs = true
        try? sync(engine)
        for write in unsynced {
            guard let found = try? engine.record(for: write.key, token: write.token) else { continue }
            guard durable.records.contains(found) else {
                throw subject.violation(law, "\(found.key.displayText) is read as no sync has covered it")
            }
        }
        var listed: [RecordMetadata] = []
        var cursor: ScanCursor?
        do {
            repeat { cursor = try engine.scan(.full, after: cursor, limit: 16, into: &listed) } while cursor != nil
        } catch {
            return
        }
        guard listed == durable.records.map(\.metadata) else {
            throw subject.violation(law, "a scan lists what no sync has covered")
        }
    }

    /// What an engine shows after a restart is durable, also where a sync had failed before: the kernel may have marked as
    /// clean what it could not write, so that another sync alone succeeds and saves nothing.
    static func keepsWhatAStartShows(_ subject: Subject) throws {
        let law = "keeps-what-a-start-shows"
        var cases = StorageCases(subject.random(law), keys: 20)
        for _ in 0..<20 {
            let disk = SimulatedDisk(random: cases.random.split())
            let engine = try subject.open(disk, law)
            for _ in 0..<cases.random.below(30) { try engine.apply(cases.batch()) }
            try sync(engine)
            for _ in 0...cases.random.below(4) { try engine.apply(cases.batch() + [.put(cases.record())]) }
            guard disk.hasBeenWrittenTo else { return try engine.close() }
            disk.faults.failsSyncs = true
            try? sync(engine)
            disk.faults.failsSyncs = false
            disk.endProcesses()
            let shown = try content(of: subject.open(disk, law))
            disk.crash(.lost)
            guard try content(of: subject.open(disk, law)) == shown else {
                throw subject.violation(law, "what a start showed after a failed sync is gone after a power cut")
            }
        }
    }

    /// Overwritten and removed records cost disk space only until maintenance has caught up, and nothing else is lost.
    static func maintenanceFreesDeadBytes(_ subject: Subject) throws {
        let law = "maintenance-frees-dead-bytes"
        var cases = StorageCases(subject.random(law), keys: 50)
        let disk = SimulatedDisk(random: cases.random.split())
        let engine = try subject.open(disk, law)
        var model = StorageModel()
        for round in 0..<1500 {
            let batch = cases.batch()
            try engine.apply(batch)
            model.apply(batch)
            if round % 20 == 0 { try sync(engine) }
        }
        try sync(engine)
        guard disk.hasBeenWrittenTo else { return try engine.close() }
        let usedBefore = disk.usedBytes
        var slices = 0
        while try engine.maintain(budget: .kibibytes(64)) {
            slices += 1
            guard slices < 10_000 else { throw subject.violation(law, "maintenance never ends") }
        }
        try expectEqual(engine, model, subject, law)
        // The one segment that is still appended to is an engine's own affair.
        let contentBytes = model.records.reduce(0) { $0 + 256 + $1.key.bytes.readableBytes + $1.body.readableBytes }
        guard disk.usedBytes < max(usedBefore / 2, 4 * contentBytes) || engine.statistics.segments <= 1 else {
            throw subject.violation(
                law, "\(disk.usedBytes) bytes are used for content of \(contentBytes), \(usedBefore) before maintenance"
            )
        }
        disk.crash()
        try expectEqual(subject.open(disk, law), model, subject, law)
    }

    /// Whatever bit flips, a read gives what was once written to that key, nothing, or an error.
    static func neverReturnsDamage(_ subject: Subject) throws {
        let law = "never-returns-damage"
        let (disk, written) = try writtenDisk(subject, law)
        guard disk.hasBeenWrittenTo else { return }
        var random = subject.random(law)
        for path in disk.paths {
            let size = disk.content(of: path)?.count ?? 0
            var offset = random.below(3)
            while offset < size {
                let copy = disk.copy()
                copy.flipBit(path, offset: offset, bit: random.below(8))
                offset += 1 + random.below(5)
                // Refusing to open damaged files is one way to return nothing wrong.
                guard let engine = try? subject.open(copy, law) else { continue }
                for record in written {
                    guard let found = try? engine.record(for: record.key, token: record.token) else { continue }
                    guard written.contains(found) else {
                        throw subject.violation(
                            law, "\(path), byte \(offset): \(found.key.displayText) is not what was written")
                    }
                }
            }
        }
    }

    /// Where detection is denied: some flipped bit goes unnoticed.
    static func returnsDamage(_ subject: Subject) throws {
        let law = "denies-detects-corruption"
        let (disk, written) = try writtenDisk(subject, law)
        guard disk.hasBeenWrittenTo else { return }
        for path in disk.paths {
            for offset in 0..<(disk.content(of: path)?.count ?? 0) {
                let copy = disk.copy()
                copy.flipBit(path, offset: offset)
                guard let engine = try? subject.open(copy, law), let found = try? content(of: engine) else { continue }
                if found.contains(where: { !written.contains($0) }) { return }
            }
        }
        throw subject.violation(law, "every flipped bit was noticed, though the engine denies it")
    }

    private static func writtenDisk(_ subject: Subject, _ law: String) throws -> (SimulatedDisk, [StoredRecord]) {
        var cases = StorageCases(subject.random(law), keys: 6)
        let disk = SimulatedDisk(random: cases.random.split())
        var written: [StoredRecord] = []
        // The first life ends with a close, the second without: both kinds of files are there.
        for life in 0..<2 {
            let engine = try subject.open(disk, law)
            for _ in 0..<3 {
                let record = cases.record()
                written.append(record)
                try engine.apply([.put(record)])
                try sync(engine)
            }
            if life == 0 { try engine.close() }
        }
        return (disk, written)
    }
}
