import SimulationKit
import StatorCore
import Sync

/// Sessions only give.
enum SyncNeverPulls: Plant {
    static let name = "sync-never-pulls"
    static let wrong = "A session pushes what the other end lacks and never fetches what this end lacks."
    static let caughtBy = ["sync-sessions", "convergence"]
    static let scenario = Scenario.syncOnly
    static let seeds: UInt64 = 3

    static func plant(in options: inout RunOptions) {
        options.wrapSynchronizers { GivingSynchronizer($0) }
    }
}

private final class GivingSynchronizer: PassingSynchronizer {
    override func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        var effects = Outbox<SyncEffect>()
        base.handle(event, outbox: &effects)
        for effect in effects.drain() {
            if case .pull = effect { continue }
            outbox.append(effect)
        }
    }
}

/// Sessions send what the other end has.
enum SyncSendsWhatIsEqual: Plant {
    static let name = "sync-sends-what-is-equal"
    static let wrong = "Every session sends a record that both ends hold."
    static let caughtBy = ["convergence"]
    static let scenario = Scenario.calm
    static let seeds: UInt64 = 2

    static func plant(in options: inout RunOptions) {
        options.wrapSynchronizers { TalkativeSynchronizer($0) }
    }
}

private final class TalkativeSynchronizer: PassingSynchronizer {
    private var latest: KeyReference?

    override func recordsChanged(_ changes: [RecordChange]) {
        if let last = changes.last { latest = KeyReference(token: last.token, key: last.key) }
        base.recordsChanged(changes)
    }

    override func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        // Pushed by the end that answers: before that the other end has no session.
        if case .message(let session, let peer, let range, _) = event, session.initiator == peer, let latest,
            range.contains(latest.token)
        {
            outbox.append(.push(session, to: peer, [latest]))
        }
        base.handle(event, outbox: &outbox)
    }
}

/// Sessions that failed stay.
enum FailedSessionKept: Plant {
    static let name = "failed-session-kept"
    static let wrong = "The sync strategy never frees the state of sessions that failed."
    static let caughtBy = ["healthy-cluster"]
    static let scenario = Scenario.outages
    static let seeds: UInt64 = 4

    static func plant(in options: inout RunOptions) {
        options.wrapSynchronizers { RememberingSynchronizer($0) }
    }
}

private final class RememberingSynchronizer: PassingSynchronizer {
    override func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        if case .abandoned = event { return }
        base.handle(event, outbox: &outbox)
    }
}
