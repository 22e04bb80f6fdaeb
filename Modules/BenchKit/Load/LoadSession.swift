internal import Checking
internal import NIOCore
internal import StatorCore
internal import Workload

/// One client of a load: one step after the other, on connections of its own. Belongs to the driver's event loop.
final class LoadSession {
    /// Its number in the history.
    let client: Int
    var random: RandomGenerator
    /// By node; opened when first needed.
    var connections: [LoadConnection?]
    /// Who was asked last, with whom a sticky session stays.
    var node: Int

    // MARK: What is under way

    var isBusy = false
    /// Nothing was sent yet: the connection is being opened.
    var isConnecting = false
    var step = WorkloadStep(kind: .read, key: 0, valueBytes: 0)
    /// What is done once the read is answered.
    var followUp: HistoryOperation.Kind?
    /// One, or the reads of a batch, in the order of their answers.
    var operations: [HistoryOperation] = []
    var answered = 0
    /// When the operation was meant to be sent, and when it was.
    var intended: Int64 = 0
    var sent: Int64 = 0
    /// When it is given up.
    var deadline = Int64.max
    /// The new key of an insert, by its number among the new ones.
    var insert: Int?
    /// What went wrong first, as a code.
    var error: String?
    /// How often the write of a key before the load was tried.
    var tries = 0

    init(client: Int, random: RandomGenerator, nodes: Int, first: Int) {
        self.client = client
        self.random = random
        connections = [LoadConnection?](repeating: nil, count: nodes)
        node = first
    }
}
