internal import ConflictResolution
internal import NIOCore
internal import StatorCore

/// Conditional writes and read-modify-writes: one step at their coordinator.
///
/// A quorum is read first. Then, in the key's turn, what it showed and what this node holds by now are taken together;
/// on that the condition is checked and the function evaluated, and what comes of it takes its place before the next turn
/// begins. So a request finds all that this coordinator has applied before it, and of two that depend on the same state
/// only one does. What another coordinator writes between the read and the turn is not found: it is concurrent.
extension Coordinator {
    /// The read of a quorum has ended.
    mutating func continueWrite(
        _ id: RequestID, afterReading outcome: Result<ByteBuffer?, ClientError>, _ base: inout ShardBase
    ) {
        guard let operation = writes[id] else { return }
        switch outcome {
        case .failure(let error):
            base.context.reach(.preconditionUnread)
            failWrite(id, error, &base)
        case .success(let body):
            operation.seen = body
            makeRecord(id, &base)
        }
    }

    /// It has come to nothing that would have to be written.
    mutating func endUnwritten(_ id: RequestID, _ result: UpdateResult, _ base: inout ShardBase) {
        guard let operation = writes[id] else { return }
        remove(id, operation, &base)
        let outcome = UpdateOutcome(node: base.context.node, isWritten: false, result: result)
        base.context.respond(.updated(outcome), to: operation.origin)
    }
}

/// What a conditional request comes to in its turn.
enum TurnDecision {
    /// The operation's write is to be made over this body.
    case write(over: ByteBuffer?)
    case nothing(UpdateResult)
    case refused(ClientError)
}

extension ShardContext {
    /// Checks the condition and evaluates the function on what a quorum has shown and what is held here.
    mutating func decision(of operation: WriteOperation, over existing: ByteBuffer?) -> TurnDecision {
        do throws(ResolverError) {
            let held = try merged(operation.seen, existing)
            let meaning = try held.map { body throws(ResolverError) in try resolver.read(body) }
            operation.hadLive = meaning.map { !$0.isTombstone } ?? false
            if let precondition = operation.request.options.precondition {
                let holds =
                    switch precondition {
                    case .absent: !operation.hadLive
                    case .context(let context): meaning?.context == ContextSeal.content(of: context)
                    }
                guard holds else {
                    reach(.preconditionFailed)
                    return .refused(.preconditionFailed)
                }
            }
            guard case .update(let update) = operation.request.operation else { return .write(over: held) }
            return evaluate(update, of: operation, on: meaning, held)
        } catch {
            return .refused(.unavailable("a record of the key cannot be read: \(error)"))
        }
    }

    private func merged(_ seen: ByteBuffer?, _ existing: ByteBuffer?) throws(ResolverError) -> ByteBuffer? {
        guard let seen, let existing else { return seen ?? existing }
        return seen == existing ? existing : try resolver.merge(existing, seen)
    }

    private func evaluate(
        _ update: ValueUpdate, of operation: WriteOperation, on meaning: ReadResult?, _ held: ByteBuffer?
    ) -> TurnDecision {
        do throws(UpdateRefusal) {
            let contents = meaning?.liveVersions.compactMap(\.content) ?? []
            let (change, result) = try update.applied(to: contents, maximum: settings.maximumValue.bytes)
            switch change {
            case .nothing: return .nothing(result)
            case .store(let content): operation.evaluated = VersionWrite(content: content, basis: .held)
            case .delete: operation.evaluated = VersionWrite(content: nil, basis: .held)
            }
            operation.result = result
            return .write(over: held)
        } catch {
            return .refused(.notUpdated(error))
        }
    }
}
