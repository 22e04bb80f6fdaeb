package import Checking

/// What a recording brought, and what is said of it in few words.
package struct RecordedHistory: Sendable {
    /// In the order of ids; the final reads come last.
    package var history: History
    /// How long the clients worked.
    package var elapsed: Duration
    /// How many keys were to be read in the end; 0 before ``Recorder/readFinally(_:)``.
    package var usedKeys = 0

    package init(history: History, elapsed: Duration) {
        self.history = history
        self.elapsed = elapsed
    }

    package func count(_ kind: HistoryOperation.Kind) -> Int {
        history.operations.count { $0.kind == kind && !$0.isFinal }
    }

    package func count(_ outcome: HistoryOperation.Outcome) -> Int {
        history.operations.count { $0.outcome == outcome && !$0.isFinal }
    }

    package var finalReads: Int { history.operations.count { $0.isFinal && $0.outcome == .ok } }

    /// How many operations each node was asked for, in the order of names.
    package var operationsOfNodes: [(node: String, operations: Int)] {
        var counts: [String: Int] = [:]
        for operation in history.operations where !operation.isFinal {
            counts[operation.node ?? "?", default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
