internal import Synchronization

/// The operations that all clients together may still begin. Each gets a number of its own: its id.
final class OperationBudget: Sendable {
    private let limit: Int
    private let taken = Atomic(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    /// The next number, from 1 on; `nil` where none is left.
    func take() -> Int? {
        let number = taken.wrappingAdd(1, ordering: .relaxed).newValue
        return number <= limit ? number : nil
    }

    var isSpent: Bool { taken.load(ordering: .relaxed) >= limit }
}
