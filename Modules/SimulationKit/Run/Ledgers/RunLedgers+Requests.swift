internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore

/// What a client asked for.
struct AskedRequest {
    let key: Int
    let isRead: Bool
    /// The request's R or W.
    let needed: Int
    let isStrict: Bool
    /// It is told no context, so an absent value says nothing of what was deleted.
    let isPlain: Bool
    /// Nanoseconds.
    let begun: Int64
    /// Of a strict read: the writes that it must show.
    let before: [AcknowledgedWrite]
}

/// Names one replica's part of a read.
struct ReplicaQuestion: Hashable {
    let request: UInt64
    let node: Int
}

/// What clients ask and are told, and what replicas answer.
extension RunLedgers {
    func asked(_ operation: Int, _ request: ClientRequest) {
        let key = number(of: request.key, request.token)
        let isStrict = !(request.options.isSloppy ?? file.replication.isSloppy)
        if !isStrict { hasSloppyRequests = true }
        switch request.operation {
        case .get:
            // A client of plain values is not told of tombstones: what it is shown does not say what it was shown in place of.
            let judges = isStrict && !(request.options.isPlain && deletedKeys.contains(key))
            let needed =
                request.options.readQuorum?.count(replicas: replicas) ?? file.replication.readQuorum
            let before =
                judges ? acknowledged[key].filter { $0.isStrict && $0.needed + needed > replicas } : []
            asked[operation] = AskedRequest(
                key: key, isRead: true, needed: needed, isStrict: isStrict, isPlain: request.options.isPlain,
                begun: time,
                before: before)
        case .write(let write):
            if write.content == nil { deletedKeys.insert(key) }
            let needed =
                request.options.writeQuorum?.count(replicas: replicas) ?? file.replication.writeQuorum
            asked[operation] = AskedRequest(
                key: key, isRead: false, needed: needed, isStrict: isStrict, isPlain: request.options.isPlain,
                begun: time,
                before: [])
        case .explain, .update: break
        }
    }

    /// Nobody waits for it any more.
    func gaveUp(_ operation: Int) { asked[operation] = nil }

    func answered(_ operation: Int, _ response: ClientResponse) {
        guard let request = asked.removeValue(forKey: operation) else { return }
        switch response {
        case .found(let result): showed(operation, request, tap.events(behind: result))
        case .notFound(nil) where request.isPlain: break
        case .notFound(let context): showed(operation, request, context.map { tap.events(behind: $0) } ?? [])
        case .value(let content):
            showed(operation, request, content.operation.map { tap.events(of: $0, context: ByteBuffer()) } ?? [])
        case .stored(let outcome): stored(operation, request, outcome)
        case .explained, .updated, .failed: break
        }
    }

    private func showed(_ operation: Int, _ request: AskedRequest, _ events: [Int]) {
        guard !request.before.isEmpty else { return }
        freshness.read(
            operation, key: request.key, shown: events.map { eventNumber($0, of: request.key) },
            before: request.before, begun: request.begun, book)
    }

    private func stored(_ operation: Int, _ request: AskedRequest, _ outcome: StoredOutcome) {
        let events = tap.events(of: operation, context: outcome.context)
        let numbers = events.map { eventNumber($0, of: request.key) }
        // A plain delete is told no context: which event it was is not known.
        if events.isEmpty, outcome.context.readableBytes == 0 { return }
        tap.dots.acknowledged(
            operation, key: book.name(of: request.key), isMade: !events.isEmpty,
            isStored: numbers.contains { book.wasStored($0, of: request.key) }, isKept: isCausal, at: time)
        // One that was carried out twice is stored where either is.
        let best = numbers.max {
            book.holders(of: $0, key: request.key).holding.count
                < book.holders(of: $1, key: request.key).holding.count
        }
        guard let best, let coordinator = cluster.index(of: outcome.node) else { return }
        let places = book.filledPlaces(
            of: best, key: request.key,
            owners: presentOwners(of: book.token(of: request.key), at: coordinator), isSloppy: false)
        let write = AcknowledgedWrite(
            operation: operation, number: best, needed: request.needed, isStrict: request.isStrict,
            isOnOwners: places >= request.needed, time: time)
        acknowledgedCopies.acknowledged(
            write, key: request.key,
            candidates: ownerSets(of: book.token(of: request.key), at: coordinator, since: request.begun),
            coordinator: coordinator, book)
        acknowledged.add(write, to: request.key, book)
    }

    // MARK: Between nodes

    private static let maximumReads = 10_000

    func sends(_ message: ShardMessage, from node: Int, to peer: Int) {
        switch message {
        case .read(let read): noteRead(read, of: peer)
        case .readReply(let id, let outcome): noteReply(id, outcome, of: node)
        default: break
        }
        if !closing.isEmpty || !settling.isEmpty { lookAfterSessions() }
    }

    private func noteRead(_ read: ReplicaRead, of replica: Int) {
        guard book.hasWiped || read.isStandIn else { return }
        let key = number(of: read.key, read.token)
        if read.isStandIn, !hasSloppyRequests { counting.fallbackAsked(replica, key: key, time: time, book) }
        guard book.hasWiped else { return }
        if readsUnderWay.count >= RunLedgers.maximumReads { readsUnderWay.removeAll(keepingCapacity: true) }
        readsUnderWay[ReplicaQuestion(request: read.request.number, node: replica)] = (key, read.isStandIn)
    }

    private func noteReply(_ id: RequestID, _ outcome: ReadOutcome, of node: Int) {
        guard book.hasWiped,
            let (key, isStandIn) = readsUnderWay.removeValue(
                forKey: ReplicaQuestion(request: id.number, node: node)),
            !isStandIn
        else { return }
        let held: Int
        switch outcome {
        case .held(let record, counts: true):
            held = record.map { state(of: key, $0.digest, $0.body) } ?? CopyBook.nothing
        case .same(let digest, counts: true):
            guard let known = book.knownState(of: key, digest) else { return }
            held = known
        default: return
        }
        // What no more disks confirmed than forget may be nowhere any more, and a hint reaches an owner in its own time.
        let promised = acknowledged[key].filter { $0.needed > forgettingDisks && $0.isOnOwners }
        counting.answered(by: node, key: key, state: held, promised, time: time, book)
    }
}
