import Membership
import StatorCore

/// One node of the laws' network, and what its strategy told its driver.
struct MembershipLawNode {
    let node: NodeID
    /// `nil` while it does not run.
    var strategy: (any MembershipProtocol)?
    var generation: UInt64 = 0
    /// Counts starts and stops: timers of an earlier life do not fire.
    var life = 0
    var isPaused = false
    var backlog: [MembershipEvent] = []
    /// The latest view chosen at it or learned by it: what a driver would keep on disk.
    var view: View
    var learned: [View] = []
    /// What it reported of others last.
    var reported: [NodeID: Liveness] = [:]
    /// Whom it ever reported dead in any life.
    var everDead: Set<NodeID> = []

    init(node: NodeID, view: View) {
        self.node = node
        self.view = view
    }

    mutating func note(_ member: NodeID, _ liveness: Liveness, at: Instant) {
        reported[member] = liveness
        if liveness == .dead { everDead.insert(member) }
    }

    /// A member that was never reported counts as alive.
    func liveness(of member: NodeID) -> Liveness { reported[member] ?? .alive }
}

/// Events ordered by time, then by insertion: a binary heap.
struct MembershipLawQueue {
    struct Entry {
        let time: Instant
        let number: UInt64
        let target: Int
        /// For timers: the life that set it.
        let life: Int?
        let event: MembershipEvent

        func comes(before other: Entry) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var pushed: UInt64 = 0

    mutating func push(at time: Instant, _ event: MembershipEvent, to target: Int, life: Int?) {
        heap.append(Entry(time: time, number: pushed, target: target, life: life, event: event))
        pushed += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst(notAfter limit: Instant) -> Entry? {
        guard let first = heap.first, first.time <= limit else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].comes(before: heap[least]) { least = child }
            }
            guard least != parent else { return first }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
