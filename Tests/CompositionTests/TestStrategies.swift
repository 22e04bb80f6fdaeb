import Composition
import ConflictResolution
import Hashing
import Membership
import NIOCore
import Partitioning
import StatorCore
import Storage
import Sync

// Stand-ins that can be configured and made, and do nothing: they show how strategies are selected, and stand under the
// kinds that a configuration selects where it does not say.

enum TestStrategies {
    static var registry: StrategyRegistry {
        var registry = StrategyRegistry()
        registry.add(TokensPartitioner.self)
        registry.add(PlainPartitioner.self)
        registry.add(TestResolver.self)
        registry.add(FixedMembership.self)
        registry.add(OpenMembership.self)
        registry.add(TestSynchronizer.self)
        registry.add(ForgetfulEngine.self)
        registry.add(LastingEngine.self)
        return registry
    }
}

struct TokensPartitioner: Partitioner {
    enum Spread: String, CaseIterable, Sendable { case even, random }

    struct Settings: StrategySettings, Hashable {
        var tokens = 128
        var slack = 0.25
        var spread = Spread.even

        static var fields: [SettingField<Settings>] {
            [
                .integer("tokensPerNode", \.tokens, 1...1024, "tokens of a node of weight 1"),
                .number("slack", \.slack, 0...1, "how uneven | it may get"),
                .choice("spread", \.spread, "how tokens are chosen"),
            ]
        }

        func problems() -> [SettingProblem] {
            tokens == 1 && spread == .random
                ? [SettingProblem(field: "spread", message: "one random token is no spread")] : []
        }
    }

    static let kind = "vnode-ring"
    static let summary = "Stands in for a ring of many tokens."
    static let guarantees: Set<Guarantee> = [PartitionerGuarantees.weighted]
    let settings: Settings
    let hash = HashFunction.xxh3

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        let owners = (0..<min(replicas, members.count)).map { UInt16($0) }
        return Placement(members: members, replicas: replicas, assignments: [.init(last: .maximum, owners: owners)])
    }
}

struct PlainPartitioner: Partitioner {
    typealias Settings = NoSettings

    static let kind = "md5-ring"
    static let summary = "Stands in for a partitioner with nothing to set."
    static let guarantees: Set<Guarantee> = []
    let hash = HashFunction.xxh3

    init(settings: NoSettings) {}

    func placement(members: [Member], replicas: Int, fallbacks: Int, previous: Placement?) -> Placement {
        TokensPartitioner(settings: .init())
            .placement(members: members, replicas: replicas, fallbacks: fallbacks, previous: previous)
    }
}

struct TestResolver: ConflictResolver {
    typealias Settings = NoSettings

    static let kind = "dotted-version-vector"
    static let summary = "Stands in for a resolver."
    static let guarantees: Set<Guarantee> = []
    let needsReplicaCoordinator = true

    init(settings: NoSettings) {}

    func body(of write: VersionWrite, over existing: ByteBuffer?, stamp: WriteStamp) throws(ResolverError) -> ByteBuffer
    {
        write.content?.bytes ?? ByteBuffer()
    }

    func merge(_ one: ByteBuffer, _ other: ByteBuffer) throws(ResolverError) -> ByteBuffer { one }

    func read(_ body: ByteBuffer) throws(ResolverError) -> ReadResult {
        ReadResult(versions: [], context: ByteBuffer(), causality: "")
    }
}

class TestMembership {
    func handle(_ event: MembershipEvent, now: Now, outbox: inout Outbox<MembershipEffect>) {}
    func reports(now: Now) -> [MemberReport] { [] }
    let refusedMessages = 0
}

final class FixedMembership: TestMembership, MembershipProtocol {
    typealias Settings = NoSettings

    static let kind = "static"
    static let summary = "Stands in for a membership that never changes."
    static let guarantees: Set<Guarantee> = []

    init(settings: NoSettings, environment: MembershipEnvironment) {}
}

final class OpenMembership: TestMembership, MembershipProtocol {
    typealias Settings = NoSettings

    static let kind = "gossip"
    static let summary = "Stands in for a membership that accepts changes."
    static let guarantees: Set<Guarantee> = [MembershipGuarantees.acceptsChanges]

    init(settings: NoSettings, environment: MembershipEnvironment) {}
}

final class TestSynchronizer: Synchronizer {
    typealias Settings = NoSettings

    static let kind = "merkle"
    static let summary = "Stands in for a sync strategy."
    static let guarantees: Set<Guarantee> = []
    let indexStatistics: [SyncStatistic] = []
    let sessionsUnderWay = 0

    init(settings: NoSettings, environment: SyncEnvironment) {}
    func recordsChanged(_ changes: [RecordChange]) {}
    func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {}
}

class TestEngine {
    let finding = StorageFinding.made
    let isMemoryResident = true
    let statistics = StorageStatistics()
    func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? { nil }
    func apply(_ batch: [StorageWrite]) throws(BatchError) {}
    func beginSync() throws(StorageError) -> (any SyncJob)? { nil }
    func endSync(_ outcome: Result<Void, StorageError>) {}
    func scan(_ range: TokenRange, after cursor: ScanCursor?, limit: Int, into entries: inout [RecordMetadata])
        throws(StorageError) -> ScanCursor?
    { nil }
    func maintain(budget: ByteCount) throws(StorageError) -> Bool { false }
    func close() throws(StorageError) {}
}

final class ForgetfulEngine: TestEngine, StorageEngine {
    typealias Settings = NoSettings

    static let kind = "memory"
    static let summary = "Stands in for an engine that forgets."
    static let guarantees: Set<Guarantee> = []

    init(settings: NoSettings, environment: StorageEnvironment) throws(StorageError) {}
}

final class LastingEngine: TestEngine, StorageEngine {
    struct Settings: StrategySettings {
        var segment: ByteCount = .mebibytes(64)
        var pause: Duration = .milliseconds(100)

        static var fields: [SettingField<Settings>] {
            [
                .bytes("segmentBytes", \.segment, 4096...(1 << 30), "the size of a segment"),
                .milliseconds("pauseMilliseconds", \.pause, 0...1000, "a pause"),
            ]
        }
    }

    static let kind = "log"
    static let summary = "Stands in for an engine that persists."
    static let guarantees: Set<Guarantee> = [StorageGuarantees.persists]

    init(settings: Settings, environment: StorageEnvironment) throws(StorageError) {}
}
