internal import NIOCore
internal import Replication
internal import StatorCore

/// One session: one operation after the other.
struct SimulatedClient {
    /// What a read is for.
    enum FollowUp {
        case nothing
        case update
        case delete
    }

    struct Pending {
        /// Its place in the run's operations.
        let operation: Int
        let ticket: ClientTicket
        let key: Int
        let followUp: FollowUp
        /// What a write presents.
        var presented: ByteBuffer?
        /// When it was meant to be sent, in nanoseconds of virtual time.
        var intended: Int64
        /// Whether it is an operation of its own, and no part of a batch.
        var isMeasured = true
        var isPlain = false
        /// The context that it presents is none of its key: nothing may be done with it.
        var isDamaged = false
    }

    /// Requests that are one operation: what is left of them.
    struct Batch {
        var waiting: [Pending]
        let intended: Int64
        var hasFailed = false
    }

    /// Where a sticky client stays, and whom any client asked last.
    var node = 0
    var pending: Pending?
    var batch: Batch?
    /// When the step under way was meant to begin, in nanoseconds of virtual time.
    var intended: Int64 = 0
    /// How large a value the step under way writes, in bytes.
    var valueBytes = 0
    /// Whether the step under way uses no contexts.
    var isPlain = false
    /// Tells a wake from earlier ones that were overtaken.
    var generation: UInt32 = 0
    var random: RandomGenerator

    /// Another wait begins, and wakes of earlier ones count no more.
    /// - Returns: the generation of its wake.
    mutating func beginWaiting(for next: Pending? = nil) -> UInt32 {
        pending = next
        generation += 1
        return generation
    }

    /// Waits for nothing: earlier wakes count no more.
    mutating func rest() { generation += 1 }

    /// - Parameter mean: in nanoseconds; pauses are even between nothing and twice that.
    mutating func think(mean: Double) -> (generation: UInt32, pause: Int64) {
        generation += 1
        return (generation, Int64(random.fraction() * 2 * mean))
    }

    /// - Returns: what was waited for.
    mutating func takePending() -> Pending? { pending.take() }
}
