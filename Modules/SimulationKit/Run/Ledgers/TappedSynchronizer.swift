internal import Simulation
internal import StatorCore
internal import Sync

/// A sync strategy with a tap on it: does what its base does, and tells the run's ledgers of sessions that begin and end.
///
/// Unchecked: one machine's, whose run is one thread's.
final class TappedSynchronizer: Synchronizer {
    typealias Settings = NoSettings
    static let kind = "tapped"
    static let summary = "Another sync strategy, watched by a simulation."
    static let guarantees: Set<Guarantee> = []

    let base: any Synchronizer
    private let environment: SyncEnvironment
    private unowned let ledgers: RunLedgers
    private let node: Int
    private let shard: Int

    init(_ base: any Synchronizer, _ environment: SyncEnvironment, _ ledgers: RunLedgers) {
        self.base = base
        self.environment = environment
        self.ledgers = ledgers
        node = ledgers.cluster.index(of: environment.node) ?? 0
        shard = environment.range.first.shard(of: ledgers.shards)
        ledgers.made(self, node, shard)
    }

    /// - Precondition: never called; a tapped strategy is made from its base.
    init(settings: NoSettings, environment: SyncEnvironment) {
        preconditionFailure("a tapped strategy is made from its base")
    }

    var indexStatistics: [SyncStatistic] { base.indexStatistics }

    var sessionsUnderWay: Int { base.sessionsUnderWay }

    func recordsChanged(_ changes: [RecordChange]) { base.recordsChanged(changes) }

    func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        switch event {
        case .start(let id, let peer, let range):
            ledgers.began(id, at: node, peer: peer, range)
            ledgers.maybeLook(at: base, node, shard)
        case .abandoned(let id): ledgers.abandoned(id, at: node)
        case .message, .listed: break
        }
        base.handle(event, outbox: &outbox)
        for case .finished(let id, _) in outbox.effects { ledgers.finished(id, at: node) }
    }
}
