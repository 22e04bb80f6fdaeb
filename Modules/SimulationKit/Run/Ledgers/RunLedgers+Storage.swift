internal import Checking
internal import DequeModule
internal import Replication
internal import Simulation
internal import StatorCore

/// What stores are given and confirm, and what starts find.
extension RunLedgers {
    func submitted(_ write: StorageWriteNotice) {
        let place = place(write.node, write.shard, write.store)
        let name: StoredName
        if write.store == .records {
            name = StoredName(key: number(of: write.key, write.token), target: nil)
        } else if let known = hint(write.key, write.token) {
            name = known
        } else {
            return
        }
        let given = write.record.map { self.state(of: name.key, $0.digest, $0.body) } ?? CopyBook.nothing
        if given != CopyBook.nothing { book.noteStored(given, of: name.key) }
        if let target = name.target { noteHint(write, name.key, target, next: given, place) }
        pending[place].append(
            PendingApply(ticket: write.ticket.number, key: name.key, target: name.target, state: given))
        guard given == CopyBook.nothing else { return }
        // From now on the store does not give it back, whenever the disk forgets it.
        set(write.node, name.key, name.target, to: given, name.target == nil ? .drop : .hint)
    }

    private func noteHint(_ write: StorageWriteNotice, _ key: Int, _ target: Int, next: Int, _ place: Int) {
        let before =
            pending[place].last { $0.key == key && $0.target == target }?.state
            ?? book.hint(of: key, at: write.node, for: target)
        if before != CopyBook.nothing, before != next, isCausal {
            hints.ended(
                EndedHint(
                    key: key, holder: write.node, target: target, state: before, next: next,
                    owners: owners(of: write.token, at: write.node), time: time),
                book)
        }
    }

    func confirmed(
        _ ticket: StorageTicket, node: Int, shard: Int, store: StoreName, succeeded: Bool
    ) {
        let place = place(node, shard, store)
        lastConfirmed[place] = time
        // In order, but for applies that were refused at once.
        guard let index = pending[place].firstIndex(where: { $0.ticket == ticket.number }) else { return }
        let apply = pending[place].remove(at: index)
        if !succeeded {
            book.isFailing[node] = true
        } else if apply.state != CopyBook.nothing {
            set(node, apply.key, apply.target, to: apply.state, .replaced)
        }
    }

    /// Something else is in a place from now on: looks whether what was there is missed.
    private func set(_ node: Int, _ key: Int, _ target: Int?, to state: Int, _ reason: CopyRemoval) {
        let before: Int
        if let target {
            before = book.hint(of: key, at: node, for: target)
            book.setHint(of: key, at: node, for: target, to: state)
        } else {
            before = book.record(of: key, at: node)
            book.setRecord(of: key, at: node, to: state)
        }
        guard before != state, before != CopyBook.nothing else { return }
        if reason == .drop, isCausal { noteLetGo(before, of: key, by: node) }
        if reason == .replaced, book.covers(state: before, of: key, by: state) { return }
        remaining.removed(
            reason, key: key, at: node, acknowledged[key], replicas: replicas,
            owners: { owners(of: book.token(of: key), at: node) }, time: time, book)
    }

    /// A node lets a record go: whoever owns the key by its view, and by the owner's own, has to have it.
    private func noteLetGo(_ state: Int, of key: Int, by node: Int) {
        let token = book.token(of: key)
        // At an owner it was corrupt bytes that were removed.
        guard !owners(of: token, at: node).contains(node) else { return }
        let owners = presentOwners(of: token, at: node).filter { self.owners(of: token, at: $0).contains($0) }
        remaining.letGo(state, of: key, by: node, owners: owners, time: time, book)
    }

    // MARK: Disks

    /// A node's machines are made anew: what its stores hold is what was durable.
    func restarted(_ node: Int) {
        lives[node] += 1
        let name = cluster.names[node]
        for shard in 0..<shards {
            for store in [StoreName.records, .hints] {
                let place = place(node, shard, store)
                found(cluster.records(of: name, shard: shard, store), node, shard, store, pending[place])
                pending[place].removeAll()
            }
        }
        book.isFailing[node] = false
    }

    private func found(
        _ records: [RecordMetadata], _ node: Int, _ shard: Int, _ store: StoreName,
        _ open: some Sequence<PendingApply>
    ) {
        var missing: [HintSlot: Int] = [:]
        let isInShard = { (key: Int) in self.book.token(of: key).shard(of: self.shards) == shard }
        for key in 0..<book.keyCount where isInShard(key) {
            if store == .records {
                let state = book.record(of: key, at: node)
                if state != CopyBook.nothing { missing[HintSlot(key: key, holder: node, target: node)] = state }
            } else {
                for hint in book.hints(of: key) where hint.holder == node {
                    missing[HintSlot(key: key, holder: node, target: hint.target)] = hint.state
                }
            }
        }
        for record in records {
            let name = store == .records ? nameOfRecord[record.key] : nameOfHint[record.key]
            guard let name else { continue }
            missing[HintSlot(key: name.key, holder: node, target: name.target ?? node)] = nil
            let state =
                book.knownState(of: name.key, record.digest)
                ?? book.addState(of: name.key, record.digest, heads: [nil], seen: tap.seen)
            set(node, name.key, name.target, to: state, .replaced)
        }
        let lost = missing.keys.sorted { ($0.key, $0.target) < ($1.key, $1.target) }  // ordered: sorted
        for slot in lost {
            let target = store == .records ? nil : slot.target
            set(node, slot.key, target, to: CopyBook.nothing, .restart)
            guard let target, keepsWhatIsDurable, !book.isDoubted(node) else { continue }
            let wasRemoved = open.contains { $0.key == slot.key && $0.target == target }
            if !wasRemoved { hints.vanished(key: slot.key, holder: node, target: target, time: time, book) }
        }
    }

    private var keepsWhatIsDurable: Bool { file.keepsFiles && file.durability.mode == .groupCommit }

    func wiped(_ node: Int) {
        book.wiped(node)
        let faults = cluster.disk(of: cluster.names[node]).faults
        if faults.lostWrites > 0 || faults.misdirectedWrites > 0 { book.doubted(node) }
        for index in pending.indices where index / (shards * 2) == node { pending[index].removeAll() }
    }

    /// A planned fault damages what a node's disk holds, or is given from now on.
    func doubted(_ node: Int) { book.doubted(node) }

    func resumed(_ node: Int) { resumedAt[node] = time }
}
