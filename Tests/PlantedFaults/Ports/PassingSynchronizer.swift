import StatorCore
import Sync

/// A synchronizer that does what its base does: plants override what they spoil.
class PassingSynchronizer: Synchronizer {
    typealias Settings = NoSettings
    static let kind = "passing"
    static let summary = "Another synchronizer, passed on."
    static let guarantees: Set<Guarantee> = []

    let base: any Synchronizer

    init(_ base: any Synchronizer) {
        self.base = base
    }

    /// - Precondition: never called; a wrapper is made from its base.
    required init(settings: NoSettings, environment: SyncEnvironment) {
        preconditionFailure("a wrapper is made from its base")
    }

    var indexStatistics: [SyncStatistic] { base.indexStatistics }

    var sessionsUnderWay: Int { base.sessionsUnderWay }

    func recordsChanged(_ changes: [RecordChange]) { base.recordsChanged(changes) }

    func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) { base.handle(event, outbox: &outbox) }
}
