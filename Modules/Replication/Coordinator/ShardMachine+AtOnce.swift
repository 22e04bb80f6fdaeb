internal import ConflictResolution
internal import NIOCore
internal import Partitioning
internal import StatorCore
internal import Storage
internal import Sync

/// What requests come to where the stores are in memory: the load, the merge and the write of a key follow one another
/// within the event, with no task, ticket or event between them. Where a store fails, the common way takes over.
extension ShardMachine {
    // MARK: One replica

    /// A write whose only owner is this node: nobody is asked and nothing is waited for.
    /// - Returns: whether it was carried out.
    mutating func writeAlone(
        _ request: ClientRequest, _ write: VersionWrite, _ list: PreferenceList, _ origin: RequestOrigin
    ) -> Bool {
        guard let resident, list.replicaCount == 1, request.options.precondition == nil,
            cluster?.nextPlacement == nil, !isRecovering(request.token),
            let held = hold(request.token, request.key, in: resident)
        else { return false }
        switch made(request, write, over: held.record, isOwner: true) {
        case .failure(let error): respond(.failed(error), to: origin)
        case .success(let made):
            guard put(made.record, over: held.record, in: resident) else {
                counters.outcomesUnknown += 1
                respond(.failed(.outcomeUnknown), to: origin)
                return true
            }
            let isFirst = held.record?.isTombstone ?? true
            respond(.stored(StoredOutcome(node: node, isFirst: isFirst, context: made.context)), to: origin)
        }
        return true
    }

    /// A read that this node's own record answers.
    /// - Returns: whether it was carried out.
    mutating func readAlone(_ request: ClientRequest, _ list: PreferenceList, _ origin: RequestOrigin) -> Bool {
        guard let resident, list.replicaCount == 1 || settings.readFanOut != .all, neededReads(request, list) == 1,
            list.replicas.contains(node), !isRecovering(request.token)
        else { return false }
        do throws(StorageError) {
            let body = try resident.body(for: request.key, token: request.token, in: .records)
            if case .client = origin { counters.gets += 1 }
            respond(to: request, with: body, origin)
            return true
        } catch {
            return false
        }
    }

    /// Answers a client's read with what the replicas hold.
    mutating func respond(to request: ClientRequest, with body: ByteBuffer?, _ origin: RequestOrigin) {
        guard let body else { return respond(.notFound(context: nil), to: origin) }
        do throws(ResolverError) {
            if request.options.isPlain {
                switch try resolver.value(of: body) {
                case .one(let content): return respond(.value(content), to: origin)
                case .none: return respond(.notFound(context: nil), to: origin)
                case .several: break
                }
            }
            let result = try resolver.read(body)
            guard !result.isTombstone else { return respond(.notFound(context: result.context), to: origin) }
            if result.liveVersions.count > 1 { counters.siblingsRead += 1 }
            respond(.found(result), to: origin)
        } catch {
            respond(.failed(.unavailable("a replica sent a record that cannot be read: \(error)")), to: origin)
        }
    }

    // MARK: A replica's part

    /// This node's own part of a write that it coordinates.
    /// - Returns: whether it was carried out, or the write has failed.
    mutating func coordinateAtOnce(_ id: RequestID, _ operation: WriteOperation) -> Bool {
        guard let resident, let held = hold(operation.request.token, operation.request.key, in: resident) else {
            return false
        }
        switch made(operation.request, operation.write, over: held.record, isOwner: true) {
        case .failure(let error): failWrite(id, error)
        case .success(let made):
            operation.record = made.record
            operation.context = made.context
            guard put(made.record, over: held.record, in: resident) else {
                failWrite(id, .outcomeUnknown)
                return true
            }
            operation.hadLive = held.record.map { !$0.isTombstone } ?? false
            operation.slots.noteOwn(node)
            replicate(id, operation)
        }
        return true
    }

    /// A coordinator's record comes in.
    /// - Returns: whether it was carried out.
    mutating func mergeAtOnce(_ incoming: StoredRecord, _ request: RequestID, from sender: NodeID) -> Bool {
        guard let resident, let held = hold(incoming.token, incoming.key, in: resident) else { return false }
        let hadLive = held.record.map { !$0.isTombstone } ?? false
        switch merged(incoming, into: held.record) {
        case .unchanged: send(.writeReply(request, .stored(hadLive: hadLive)), to: sender)
        case .failed: send(.writeReply(request, .refused(.storageFailed)), to: sender)
        case .changed(let record):
            let isStored = put(record, over: held.record, in: resident)
            send(.writeReply(request, isStored ? .stored(hadLive: hadLive) : .refused(.storageFailed)), to: sender)
        }
        return true
    }

    /// A coordinator asks what is held.
    /// - Returns: whether it was answered.
    mutating func answerAtOnce(_ read: ReplicaRead, to sender: NodeID) -> Bool {
        guard let resident else { return false }
        let counts = !isRecovering(read.token)
        if let known = read.known, holds(known, read.token, read.key, in: resident) {
            send(.readReply(read.request, .same(known, counts: counts)), to: sender)
            return true
        }
        guard let held = hold(read.token, read.key, in: resident) else { return false }
        send(.readReply(read.request, .held(held.record, counts: counts)), to: sender)
        return true
    }

    /// This node's own part of a read that it coordinates.
    /// - Returns: whether it was answered.
    mutating func readAtOnce(_ id: RequestID, _ operation: ReadOperation) -> Bool {
        let token = operation.request.token
        guard let resident, let held = hold(token, operation.request.key, in: resident) else { return false }
        noteReadAnswer(id, of: node, held.record, counts: !isRecovering(token))
        return true
    }

    // MARK: The stores

    struct Held {
        let record: StoredRecord?
    }

    private func holds(_ digest: Digest, _ token: Token, _ key: Key, in storage: any ResidentStorage) -> Bool {
        do throws(StorageError) {
            return try storage.digest(for: key, token: token, in: .records) == digest
        } catch {
            return false
        }
    }

    /// - Returns: `nil` where the store fails.
    func hold(_ token: Token, _ key: Key, in storage: any ResidentStorage) -> Held? {
        do throws(StorageError) {
            return Held(record: try storage.record(for: key, token: token, in: .records))
        } catch {
            return nil
        }
    }

    /// - Returns: whether it is stored.
    private mutating func put(
        _ record: StoredRecord, over held: StoredRecord?, in storage: any ResidentStorage
    ) -> Bool {
        do throws(StorageError) {
            try storage.apply(.put(record), to: .records)
        } catch {
            noteStorageFailure(error, isWrite: true)
            return false
        }
        changes.append(RecordChange(token: record.token, key: record.key, old: held?.digest, new: record.digest))
        return true
    }
}
