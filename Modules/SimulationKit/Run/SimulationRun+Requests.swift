internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore

/// What requests ask for beyond the defaults, and what the history says of it.
extension SimulationRun {
    func readRequest(_ key: Int, isPlain: Bool) -> ClientRequest {
        ClientRequest(
            key: keys.entries[key].key, token: keys.entries[key].token, operation: .get,
            options: requests.options(isWrite: false, isPlain: isPlain))
    }

    /// The request that carries a planned write out; its value names the operation that is about to be noted.
    func writeRequest(_ index: Int, _ key: Int, _ planned: PlannedWrite) -> ClientRequest {
        let number = operations.count
        let content = planned.isDelete ? nil : Content.value(of: number, size: clients[index].valueBytes)
        if planned.isDelete, options.checks, !planned.isDamaged, case .context(let context) = planned.basis {
            tap.willDelete(number, context: ContextSeal.content(of: context))
        }
        return ClientRequest(
            key: keys.entries[key].key, token: keys.entries[key].token,
            operation: .write(VersionWrite(content: content, basis: planned.basis)), options: planned.options)
    }

    /// Reads and writes several consecutive keys at once: one operation, answered when all are.
    func mixBatch(_ index: Int, from first: Int) {
        var waiting: [SimulatedClient.Pending] = []
        let count = min(requests.batchSize(), keys.entries.count)
        for offset in 0..<count {
            let key = (first + offset) % keys.entries.count
            if requests.isBatchWrite() {
                var planned = PlannedWrite(basis: .held)
                planned.options = requests.options(isWrite: true, isPlain: clients[index].isPlain)
                let request = writeRequest(index, key, planned)
                waiting.append(send(index, key, request, .write, basis: .held, isMeasured: false))
            } else {
                let request = readRequest(key, isPlain: clients[index].isPlain)
                waiting.append(send(index, key, request, .read, isMeasured: false))
            }
        }
        waitForAll(index, waiting)
    }

    /// Quorums and the like as they hold: the request's, or the cluster's.
    func note(_ options: RequestOptions, in operation: inout HistoryOperation) {
        let replicas = file.replication.replicas
        if operation.kind == .read || options.precondition != nil {
            operation.readQuorum = options.readQuorum?.count(replicas: replicas) ?? file.replication.readQuorum
        }
        if operation.kind != .read {
            operation.writeQuorum = options.writeQuorum?.count(replicas: replicas) ?? file.replication.writeQuorum
        }
        operation.isSloppy = options.isSloppy ?? file.replication.isSloppy
        operation.timeout = options.timeout?.nanoseconds
        switch options.precondition {
        case nil: break
        case .absent: operation.condition = .absent
        case .context(let context):
            operation.condition = .match
            operation.context = Base64.encode(context)
        }
    }

    func noteCoordinator(_ pending: SimulatedClient.Pending, _ node: NodeID) {
        guard operations[pending.operation].operation.condition != nil else { return }
        operations[pending.operation].operation.coordinator = node.name
        operations[pending.operation].operation.coordinatorLife =
            cluster.names.firstIndex(of: node).map { lives[$0] }
        if let presented = pending.presented { requests.used(presented, key: pending.key) }
    }

    /// Which of the versions that were made is that of an acknowledged delete.
    func noteDelete(_ pending: SimulatedClient.Pending, _ outcome: StoredOutcome) {
        guard let before = operations[pending.operation].eventsBefore else {
            if let presented = pending.presented {
                tap.deleted(
                    pending.operation, presented: ContextSeal.content(of: presented),
                    result: ContextSeal.content(of: outcome.context))
            }
            return
        }
        guard options.checks else { return }
        let isKnown = tap.deletedBlindly(
            pending.operation, result: ContextSeal.content(of: outcome.context), by: outcome.node, from: before,
            isOfKey: { operations[$0].operation.key == keys.entries[pending.key].name })
        operations[pending.operation].isUntold = !isKnown
    }

    /// A value as the history has it.
    static func name(of content: Content) -> String { content.operation.map { "v\($0)" } ?? "?" }
}
