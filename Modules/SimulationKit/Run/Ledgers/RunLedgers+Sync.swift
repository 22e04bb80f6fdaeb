internal import Checking
internal import DequeModule
internal import Replication
internal import Simulation
internal import StatorCore
internal import Sync

/// A session that has reported success, while what it brought is being stored.
struct SettlingSession {
    let id: SessionID
    let session: WatchedSession
    /// Nanoseconds.
    let due: Int64
    /// Of the initiator and of the other end.
    let lives: [Int]
}

/// An end of a session whose strategy has nothing left to compare.
struct ClosingSession {
    let id: SessionID
    let end: Int
}

/// Sessions and indexes of anti-entropy.
extension RunLedgers {
    /// How long what a session brought may take until it is on disk: several syncs.
    private static let settleTime: Int64 = 250_000_000
    /// Sessions that began with differences and are remembered; beyond these the past ones are forgotten.
    private static let maximumWatched = 4_096
    private static let pollInterval: Int64 = 2_000_000

    func made(_ synchronizer: TappedSynchronizer, _ node: Int, _ shard: Int) {
        synchronizers[node * shards + shard] = synchronizer.base
    }

    // MARK: Called from within a machine's input

    func began(_ id: SessionID, at node: Int, peer: NodeID, _ range: TokenRange) {
        guard let peer = cluster.index(of: peer) else { return }
        sessions.began()
        if watched.count >= RunLedgers.maximumWatched { watched.removeAll(keepingCapacity: true) }
        let session = WatchedSession(
            initiator: node, peer: peer, range: range, begun: time, keys: keys(in: range), book)
        if !session.differences.isEmpty { watched[id] = session }
    }

    func finished(_ id: SessionID, at node: Int) {
        if watched[id] != nil { closing.append(ClosingSession(id: id, end: node)) }
    }

    func abandoned(_ id: SessionID, at node: Int) {
        closing.removeAll { $0.id == id && $0.end == node }
    }

    /// In the order of their tokens: found by two searches.
    private func keys(in range: TokenRange) -> ArraySlice<Int> {
        if keysByToken.count != book.keyCount {
            keysByToken = (0..<book.keyCount).sorted { book.token(of: $0) < book.token(of: $1) }
        }
        let first = place(of: range.first, orAfter: false)
        return keysByToken[first..<max(first, place(of: range.last, orAfter: true))]
    }

    private func place(of token: Token, orAfter isAfter: Bool) -> Int {
        var low = 0
        var high = keysByToken.count
        while low < high {
            let middle = (low + high) / 2
            let found = book.token(of: keysByToken[middle])
            if found < token || isAfter && found == token { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Called between inputs

    /// A session is over when its node lists it among the latest: nothing tells when that happens.
    func lookAfterSessions() {
        guard time >= nextPoll else { return }
        nextPoll = time + RunLedgers.pollInterval
        closing.removeAll { lookWhetherClosed($0) }
        var waiting: [SettlingSession] = []
        swap(&waiting, &settling)
        for session in waiting where !settle(session) { settling.append(session) }
    }

    /// - Returns: whether the session is over at this end.
    private func lookWhetherClosed(_ closing: ClosingSession) -> Bool {
        guard let session = watched[closing.id] else { return true }
        let name = cluster.names[closing.end]
        // Its machine died, or the session was forgotten among many.
        guard cluster.isUp(name), time - session.begun < RunLedgers.longest else { return true }
        let found = cluster.inspection(of: name).lazy.compactMap { shard in
            shard.sessions.first { $0.session == closing.id }
        }.first
        guard let found else { return false }
        guard found.failure == nil else { return true }
        // The first end that says so waits for the other.
        guard let first = succeeded.removeValue(forKey: closing.id), first != closing.end else {
            if succeeded.count >= RunLedgers.maximumWatched { succeeded.removeAll(keepingCapacity: true) }
            succeeded[closing.id] = closing.end
            return true
        }
        settling.append(
            SettlingSession(
                id: closing.id, session: session, due: time + RunLedgers.settleTime,
                lives: [lives[session.initiator], lives[session.peer]]))
        return true
    }

    private static let longest: Int64 = 120_000_000_000

    /// - Returns: whether the session needs no further look.
    private func settle(_ settling: SettlingSession) -> Bool {
        guard time >= settling.due else { return false }
        let ends = [settling.session.initiator, settling.session.peer]
        // What a node had not stored when it died is asked of crash recovery, and of the next session.
        guard ends.map({ lives[$0] }) == settling.lives, ends.allSatisfy({ cluster.isUp(cluster.names[$0]) }) else {
            return true
        }
        let isBusy = ends.contains { end in
            cluster.isPaused(cluster.names[end]) || resumedAt[end] + RunLedgers.settleTime > time
        }
        if isBusy { return false }
        for end in ends {
            sessions.succeeded(settling.session, "\(settling.id)", at: end, time: time, book) { key in
                !book.isDoubted(end) && owners(of: book.token(of: key), at: end).contains(end)
            }
        }
        return true
    }

    // MARK: Indexes

    private static let lookInterval: Int64 = 8_000_000_000
    /// Indexes of more nodes than these are not looked at: each costs a shadow of its own.
    static let maximumShadows = 64
    /// How long an apply that a store has confirmed may be on its way to its machine.
    static let noticeTime: Int64 = 50_000_000

    /// All applied writes have been told to the strategy, which is to begin a session.
    func maybeLook(at synchronizer: any Synchronizer, _ node: Int, _ shard: Int) {
        let index = node * shards + shard
        guard index < RunLedgers.maximumShadows else { return }
        let isFirst = shadows[index]?.life != lives[node]
        if let shadow = shadows[index], !isFirst, time - shadow.lookedAt < RunLedgers.lookInterval { return }
        look(at: synchronizer, node, shard, isFirst ? .start : .session)
    }

    func look(at synchronizer: any Synchronizer, _ node: Int, _ shard: Int, _ occasion: SyncIndexes.Occasion) {
        let place = place(node, shard, .records)
        guard pending[place].isEmpty, time - lastConfirmed[place] >= RunLedgers.noticeTime, !book.isFailing[node],
            time - resumedAt[node] >= RunLedgers.settleTime
        else { return }
        let index = node * shards + shard
        let name = cluster.names[node]
        if shadows[index] == nil {
            let range = TokenRange.ofShard(shard, count: shards)
            shadows[index] = IndexShadow(range: range, make: makeSynchronizer)
        }
        let entries = cluster.records(of: name, shard: shard, .records)
        shadows[index]?.life = lives[node]
        shadows[index]?.lookedAt = time
        let difference = shadows[index]?.difference(from: synchronizer, at: name, entries)
        indexes.looked(
            at: name, shard: shard, occasion, keys: entries.count, difference: difference, time: time)
    }
}
