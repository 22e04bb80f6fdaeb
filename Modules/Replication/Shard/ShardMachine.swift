internal import Partitioning
package import StatorCore
internal import Storage
internal import Sync

/// One shard of a node: coordinates client requests for its share of the tokens, holds replicas and hints, repairs,
/// and streams ranges when they move. A deterministic state machine without I/O: events in, effects out.
///
/// It is a router: its parts do the work, each with state of its own. An event goes to the part that it concerns; what
/// work on keys brings later goes to the part that its purpose names. Parts call down only (coordinator and replica on
/// hints, all on work on keys), and share a ``ShardContext`` that is passed along.
package struct ShardMachine {
    var base: ShardBase
    var coordinator = Coordinator()
    let replica = Replica()
    var antiEntropy: AntiEntropy
    var streams: RangeStreams
    var handOver = HandOver()
    /// When the tick fires that is set, if one is.
    private var tickDue: Instant?

    /// Who issues dots now.
    package var issuingActor: Actor { base.context.actor }

    /// The last dot's counter: strictly rising across all keys.
    package var dotsIssued: UInt64 { base.context.dotsIssued }

    package var counters: ShardCounters { base.context.counters }

    /// How often each named branch was reached.
    package var probes: ReachCounts { base.context.probes }

    /// - Parameters:
    ///   - identity: durable before this machine handles an event.
    ///   - random: this shard's own generator.
    ///   - resident: the stores where they are in memory; otherwise they are reached by effects.
    package init(
        blueprint: NodeBlueprint, shard: Int, identity: NodeIdentity, random: RandomGenerator,
        resident: (any ResidentStorage)? = nil
    ) {
        let context = ShardContext(blueprint: blueprint, shard: shard, identity: identity, random: random)
        let cache = ByteCount(blueprint.recordCache.bytes / max(blueprint.shards, 1))
        let environment = SyncEnvironment(node: context.node, range: context.shardRange)
        base = ShardBase(context: context, keys: KeyWork(resident: resident, cacheLimit: cache))
        antiEntropy = AntiEntropy(synchronizer: blueprint.makeSynchronizer(environment))
        streams = RangeStreams(doubt: identity.doubts[shard], folder: identity.folder)
    }

    /// Takes one event and appends what follows from it.
    package mutating func handle(_ event: consuming ShardEvent, now: Now, outbox: inout Outbox<ShardEffect>) {
        base.context.now = now
        swap(&base.context.outbox, &outbox)
        defer { swap(&base.context.outbox, &outbox) }
        switch consume event {
        case .started(let state): start(state)
        case .clusterChanged(let state): adopt(state)
        case .livenessChanged(let node, let state): noteLiveness(node, state)
        case .linkChanged(let node, let isUp): noteLink(node, isUp: isUp)
        case .client(let ticket, let request): coordinator.begin(request, from: .client(ticket), &base)
        case .message(let sender, let message): receive(message, from: sender)
        case .timer(let timer): fire(timer)
        case .storage(let ticket, let result): base.keys.complete(ticket, result, &base.context)
        case .syncNow: antiEntropy.beginRound(withEveryone: true, &base.context, &base.keys)
        case .dotsGranted(let grant):
            base.context.take(grant)
            coordinator.resumeHeld(&base)
        case .restored: streams.begin(.olderCopy, &base.context)
        case .stopping: base.context.isStopping = true
        }
        if base.keys.hasOutcomes { handOutcomes() }
        if base.context.hasHintEnded { noteHintEnded() }
        if base.context.hasHandedOver { noteHandedOver() }
        if base.context.changes.count >= ReplicationLimits.changesPerFlush { antiEntropy.flushChanges(&base.context) }
        setTick()
        coordinator.keepEnded()
    }

    /// Nothing of clients is under way, and no write waits for its durability: a stopping node may end.
    package var isIdle: Bool { coordinator.isIdle && base.keys.isIdle }

    private mutating func receive(_ message: consuming ShardMessage, from sender: NodeID) {
        switch consume message {
        case .forward(let id, let request): coordinator.begin(request, from: .peer(sender, id), &base)
        case .forwardReply(let id, let response): coordinator.finishForward(id, response, from: sender, &base)
        case .write(let write): replica.receive(write, from: sender, &base)
        case .writeReply(let id, let outcome):
            base.context.note(outcome, of: sender)
            if !coordinator.receiveWriteReply(id, outcome, from: sender, &base),
                !handOver.receiveReply(id, outcome, from: sender, &base.context, &base.keys)
            {
                base.hints.receiveReply(id, outcome, from: sender, &base.context, &base.keys)
            }
        case .read(let read): replica.receive(read, from: sender, &base)
        case .readReply(let id, let outcome): coordinator.receiveReadReply(id, outcome, from: sender, &base)
        case .explain(let id, let token, let key): coordinator.receiveExplain(id, token, key, from: sender, &base)
        case .explainReply(let id, let explanation):
            coordinator.receiveExplainReply(id, explanation, from: sender, &base)
        case .sync(let payload): antiEntropy.receiveSync(payload, from: sender, &base.context, &base.keys)
        case .syncPush(let session, let id, let records):
            antiEntropy.receivePush(session, id, records, from: sender, &base.context, &base.keys)
        case .syncMerged(let session, let id, let records), .syncPulled(let session, let id, let records):
            antiEntropy.receiveExchanged(session, id, records, from: sender, &base.context, &base.keys)
        case .syncPull(let session, let id, let keys):
            antiEntropy.receivePull(session, id, keys, from: sender, &base.context, &base.keys)
        case .syncRefused(let session, let reason):
            antiEntropy.fail(session, reason, from: sender, &base.context, &base.keys)
        case .transfer(let request): streams.receive(request, from: sender, &base.context, &base.keys)
        case .transferPage(let id, let page): streams.receive(id, page, from: sender, &base.context, &base.keys)
        case .cover(let request): handOver.receive(request, from: sender, &base.context, &base.keys)
        case .coverReply(let id, let outcome): handOver.receive(id, outcome, from: sender, &base.context, &base.keys)
        case .clock(let wall): base.context.noteTime(wall, of: sender)
        }
    }

    private mutating func fire(_ timer: ShardTimer) {
        switch timer {
        case .tick:
            tickDue = nil
            coordinator.sweep(&base)
            while let deadline = base.context.deadlines.popDue(at: base.context.now.monotonic) { pass(deadline) }
        case .hintDelivery:
            base.hints.deliver(&base.context, &base.keys)
            base.context.setJitteredTimer(.hintDelivery, after: base.context.blueprint.hints.deliveryInterval)
        case .antiEntropy:
            if base.context.blueprint.antiEntropy.isPeriodic {
                antiEntropy.beginRound(withEveryone: false, &base.context, &base.keys)
            }
            base.context.setJitteredTimer(.antiEntropy, after: base.context.blueprint.antiEntropy.interval)
        case .transfer: streams.advance(&base.context)
        case .handOver: handOver.begin(&base.context, &base.keys)
        case .clocks: base.context.tellTime()
        }
    }

    private mutating func pass(_ deadline: Deadline) {
        switch deadline {
        case .request(let id): coordinator.passRequestDeadline(id, &base)
        case .delivery(let id): base.hints.passDeadline(id, &base.context, &base.keys)
        case .session(let session): antiEntropy.passDeadline(session, &base.context, &base.keys)
        case .stream(let id): streams.passDeadline(id, &base.context)
        case .handOver(let id): handOver.passDeadline(id, &base.context, &base.keys)
        }
    }

    private mutating func setTick() {
        let sweep = coordinator.sweepDue
        guard let due = base.context.deadlines.nextDue.map({ due in sweep.map { min($0, due) } ?? due }) ?? sweep
        else { return }
        let now = base.context.now.monotonic
        let next = max(due, now.advanced(by: ReplicationLimits.tick))
        if let tickDue, tickDue <= next { return }
        tickDue = next
        base.context.setTimer(.tick, after: next.elapsed(since: now))
    }
}
