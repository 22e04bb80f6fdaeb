internal import Sync

/// What a shard has begun and not ended. All of it ends once nobody asks for anything: what stays was forgotten.
package struct ShardWork: Hashable, Sendable, CustomStringConvertible {
    /// Of clients, and of other nodes' clients.
    package var requests = 0
    /// Corrupt records being replaced.
    package var healing = 0
    /// Tasks on keys that wait, and commands to the stores.
    package var keyTasks = 0
    package var gathers = 0
    package var hintDeliveries = 0
    package var syncSessions = 0
    /// The same by the sync strategy's own count.
    package var strategySessions = 0
    /// Pushes and pulls, and the batches of records that they are for.
    package var syncExchanges = 0
    package var streams = 0
    package var streamPages = 0
    /// Pages that are being made for others.
    package var pagesOut = 0
    /// Passes over what is handed over, and questions about it of others.
    package var handOvers = 0
    /// Of records that repair holds.
    package var repairBytes = 0

    package var isNone: Bool { self == ShardWork() }

    package var description: String {
        let parts = [
            ("requests", requests), ("healing", healing), ("tasks on keys", keyTasks), ("gathers", gathers),
            ("hint deliveries", hintDeliveries), ("sync sessions", syncSessions),
            ("sessions of the sync strategy", strategySessions), ("sync exchanges", syncExchanges),
            ("streams", streams), ("stream pages", streamPages), ("pages for others", pagesOut),
            ("hand-overs", handOvers), ("bytes held by repair", repairBytes),
        ]
        return parts.filter { $0.1 != 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}

extension ShardMachine {
    /// What is under way now.
    package var work: ShardWork {
        ShardWork(
            requests: coordinator.underWay, healing: coordinator.healing.count, keyTasks: base.keys.underWay,
            gathers: base.keys.gathersUnderWay, hintDeliveries: base.hints.deliveriesUnderWay,
            syncSessions: antiEntropy.sessions.count,
            strategySessions: antiEntropy.synchronizer.sessionsUnderWay,
            syncExchanges: antiEntropy.exchanges.count + antiEntropy.batches.count, streams: streams.streams.count,
            streamPages: streams.streams.count { $0.request != nil }, pagesOut: streams.pagesUnderWay,
            handOvers: handOver.underWay, repairBytes: repairBytesHeld)
    }
}
