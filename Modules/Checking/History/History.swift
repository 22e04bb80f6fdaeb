/// What the clients of one run did, in any order.
package struct History: Hashable, Sendable {
    package var operations: [HistoryOperation]

    package init(_ operations: [HistoryOperation] = []) {
        self.operations = operations
    }

    package mutating func append(_ operation: HistoryOperation) {
        operations.append(operation)
    }
}
