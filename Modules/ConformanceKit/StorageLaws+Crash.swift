internal import Simulation
internal import StatorCore
internal import Storage

extension StorageLaws {
    /// After a crash at any point: every synced write is there, and of the others exactly a prefix.
    static func keepsSyncedWritesThroughCrashes(_ subject: Subject) throws {
        let law = "keeps-synced-writes-through-crashes"
        var cases = StorageCases(subject.random(law), keys: 40)
        for round in 0..<25 {
            let disk = SimulatedDisk(random: cases.random.split())
            var history = WriteHistory()
            for life in 0..<6 {
                let engine = try subject.open(disk, law)
                guard try history.settle(on: content(of: engine)) else {
                    throw subject.violation(
                        law,
                        "round \(round), life \(life): what is there after a crash is no prefix of the writes, or a "
                            + "synced write is missing; \(history.writes) writes, \(history.synced) synced")
                }
                try live(engine, &cases, &history)
                if !disk.hasBeenWrittenTo {
                    try engine.close()
                    return
                }
                switch cases.random.below(4) {
                case 0: disk.endProcesses()
                case 1: disk.crash(.lost)
                default: disk.crash()
                }
            }
        }
    }

    private static func live(_ engine: any StorageEngine, _ cases: inout StorageCases, _ history: inout WriteHistory)
        throws
    {
        var underWay: (job: any SyncJob, writes: Int)?
        for _ in 0..<cases.random.below(60) {
            switch cases.random.below(10) {
            case 0..<6:
                let batch = cases.batch()
                try engine.apply(batch)
                history.note(batch)
            case 6:
                // A sync that more writes overtake.
                if let (job, writes) = underWay {
                    try job.run()
                    engine.endSync(.success(()))
                    history.synced = max(history.synced, writes)
                    underWay = nil
                } else if let job = try engine.beginSync() {
                    underWay = (job, history.writes)
                }
            case 7:
                guard underWay == nil else { continue }
                try sync(engine)
                history.synced = history.writes
            default: _ = try engine.maintain(budget: ByteCount(cases.random.below(30_000)))
            }
        }
    }

    /// The newest file cut off at any length, as by a crash while it was appended to: a prefix of the writes is there, and
    /// the engine goes on working.
    static func keepsAPrefixAtEveryLength(_ subject: Subject) throws {
        let law = "keeps-a-prefix-at-every-length"
        var cases = StorageCases(subject.random(law), keys: 8)
        let disk = SimulatedDisk(random: cases.random.split())
        let engine = try subject.open(disk, law)
        var history = WriteHistory()
        for _ in 0..<8 {
            let batch = cases.batch()
            try engine.apply(batch)
            history.note(batch)
            try sync(engine)
        }
        guard disk.hasBeenWrittenTo, let path = disk.paths.last(where: { !$0.hasSuffix(".lock") }),
            let bytes = disk.content(of: path)
        else { return try engine.close() }
        for length in 0...bytes.count {
            let copy = disk.copy()
            copy.setContent(of: path, to: Array(bytes[..<length]))
            var left = history
            left.synced = length == bytes.count ? left.writes : 0
            let reopened = try subject.open(copy, law)
            guard try left.settle(on: content(of: reopened)) else {
                throw subject.violation(
                    law, "\(path) cut off at \(length) of \(bytes.count): no prefix of the writes is there")
            }
            let batch = cases.batch()
            try reopened.apply(batch)
            left.note(batch)
            try reopened.close()
            let again = try subject.open(copy, law)
            left.synced = left.writes
            guard try left.settle(on: content(of: again)) else {
                throw subject.violation(law, "\(path) cut off at \(length): a write after reopening is lost")
            }
        }
    }

    /// Where durability is denied: a reopened engine has forgotten.
    static func forgets(_ subject: Subject) throws {
        let law = "denies-persists"
        var cases = StorageCases(subject.random(law), keys: 5)
        let disk = SimulatedDisk(random: cases.random.split())
        let engine = try subject.open(disk, law)
        try engine.apply([.put(cases.record())])
        try sync(engine)
        try engine.close()
        guard try content(of: subject.open(disk, law)).isEmpty else {
            throw subject.violation(law, "a synced write is there after reopening, though the engine denies it")
        }
    }
}

/// What was written, write by write, and how much of it was synced.
struct WriteHistory {
    /// The model after each write; the first is the state before any.
    private var states = [StorageModel()]
    private(set) var writes = 0
    /// The first so many writes are durable.
    var synced = 0

    mutating func note(_ batch: [StorageWrite]) {
        for write in batch {
            var next = states[states.count - 1]
            next.apply([write])
            states.append(next)
            writes += 1
        }
    }

    /// Whether the content is what some prefix of the writes, all synced ones among them, leaves; it is the history from
    /// then on.
    mutating func settle(on content: [StoredRecord]) -> Bool {
        guard let prefix = states[synced...].lastIndex(where: { $0.records == content }) else { return false }
        states = [states[prefix]]
        writes = 0
        synced = 0
        return true
    }
}

extension SimulatedDisk {
    /// Whether the engine under test keeps its files here at all.
    var hasBeenWrittenTo: Bool { counters.writes > 0 }
}
