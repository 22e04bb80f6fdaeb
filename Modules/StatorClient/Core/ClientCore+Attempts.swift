import NIOCore

/// What becomes of an operation after an attempt.
extension ClientCore {
    /// A reply has come; the operation is in no queue any more.
    func answered(_ operation: Operation, _ reply: Reply, by node: NodeAddress) {
        if case .error(let line) = reply {
            return failed(
                operation, AttemptFailure(line: line, from: node, isWrite: operation.command.isWrite), at: node)
        }
        if !operation.isPinned { budget.deposit() }
        finish(operation, .success(reply))
    }

    /// An attempt has failed: the operation goes elsewhere, pauses before it is tried again, or ends.
    func failed(_ operation: Operation, _ failure: AttemptFailure, at node: NodeAddress?) {
        leave(operation)
        guard operation.completion != nil else { return }
        if failure.hintsAtChange { requestRefresh() }
        if failure.error.isOutcomeUnknown {
            guard operation.isRepeatable else { return finish(operation, .failure(failure.error)) }
            operation.mayHaveBeenDone = true
        }
        guard failure.remedy != .none, !operation.isPinned, !isClosed else {
            return finish(operation, .failure(failure.error))
        }
        if let node, !operation.tried.contains(node) { operation.tried.append(node) }
        if failure.remedy == .move, operation.moves < ClientLimits.freeMoves {
            operation.moves += 1
            counts.moves += 1
            return route(operation)
        }
        retry(operation, after: failure)
    }

    private func retry(_ operation: Operation, after failure: AttemptFailure) {
        let time = NIODeadline.now() + retryBackoff.pause(after: operation.retries + 1, using: &generator)
        guard operation.retries < configuration.maximumRetries, time < operation.deadline else {
            return finish(operation, .failure(failure.error))
        }
        guard budget.withdraw() else {
            counts.budgetExhausted += 1
            return finish(operation, .failure(failure.error))
        }
        operation.retries += 1
        counts.retries += 1
        operation.move(to: .pausing)
        arm(operation, at: time)
    }
}
