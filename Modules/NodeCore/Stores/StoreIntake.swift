package import Replication
internal import StatorCore
internal import Storage

/// Where a shard's storage commands wait until the end of the turn, on the side of the machine: bounded, and closed when
/// the node stops. The queue of the stores takes them over as one job.
package struct StoreIntake {
    private var staged: [StorageRequest] = []
    /// Commands that were taken and not answered yet.
    private var outstanding = 0
    private var isClosed = false

    package init() {}

    /// A passing condition: unlike ``StorageError/failed(_:)`` it does not say that the engine is broken.
    private static let queueFull = DiskError(
        operation: "queue a command for", path: "storage", errorNumber: DiskError.tryAgain,
        reason: "too many are waiting")

    /// Whether something waits for the end of the turn.
    package var hasStaged: Bool { !staged.isEmpty }

    /// Why nothing is taken any more, or `nil`.
    package var refusal: StorageResult? { isClosed ? .failed(.failed("the node is stopping")) : nil }

    /// Takes a command, or says at once why it is not taken. O(1).
    package mutating func submit(
        _ ticket: StorageTicket, _ store: StoreName, _ command: consuming StorageCommand
    ) -> StorageResult? {
        if let refusal { return refusal }
        guard outstanding < NodeCoreLimits.maximumStorageQueue else {
            if case .apply = command { return .refused(.disk(StoreIntake.queueFull)) }
            return .failed(.disk(StoreIntake.queueFull))
        }
        outstanding += 1
        staged.append(StorageRequest(ticket: ticket, store: store, command: command))
        return nil
    }

    /// The commands of the turn, in order.
    package mutating func takeStaged() -> [StorageRequest] {
        var taken: [StorageRequest] = []
        swap(&taken, &staged)
        return taken
    }

    /// So many commands were answered.
    package mutating func noteAnswered(_ count: Int) { outstanding -= count }

    /// From now on commands are refused.
    package mutating func close() { isClosed = true }
}
