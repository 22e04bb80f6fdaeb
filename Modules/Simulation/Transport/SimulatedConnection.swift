internal import NIOCore
internal import NodeCore
internal import StatorCore

/// A simulated connection between two nodes: a direction each way, and what each end knows of it. The ends learn of each
/// other's fate by what arrives only.
final class SimulatedConnection {
    /// Its place among the cluster's connections, and what tells it from others that had that place.
    let slot: Int
    let serial: UInt32
    let dialler: Int
    let acceptor: Int
    /// Of the dialling shard.
    let shard: Int
    let link: LinkID
    /// When the dialling end gives up.
    let deadline: Instant

    /// From the dialling end to the accepting one, and back.
    var forward: SimulatedStream
    var backward: SimulatedStream
    /// Whether an event waits for the stream.
    var isForwardPlanned = false
    var isBackwardPlanned = false

    var diallerEnd = End.opening
    var acceptorEnd = End.opening
    /// The accepting end's machine, once its node has taken the connection from its kernel.
    var accepted: AcceptedLink?

    enum End {
        case opening, open, closed
    }

    init(
        slot: Int, serial: UInt32, dialler: Int, acceptor: Int, shard: Int, link: LinkID, deadline: Instant
    ) {
        self.slot = slot
        self.serial = serial
        self.dialler = dialler
        self.acceptor = acceptor
        self.shard = shard
        self.link = link
        self.deadline = deadline
        forward = SimulatedStream(from: dialler, to: acceptor)
        backward = SimulatedStream(from: acceptor, to: dialler)
    }

    var isOver: Bool { diallerEnd == .closed && acceptorEnd == .closed }
}

/// What happens to a connection at a point of time.
enum ConnectionStep: UInt8 {
    /// The dialling end's request arrives.
    case knock
    /// The accepting node takes the connection from its kernel.
    case accept
    /// The dialling end learns what came of it.
    case established, refused, timedOut
    /// A stream has something to do.
    case forward, backward
    case resetAtDialler, resetAtAcceptor
}

/// The connections of a cluster, by place.
struct ConnectionTable {
    private(set) var connections: [SimulatedConnection?] = []
    private var free: [Int] = []
    private var serials: UInt32 = 0

    mutating func add(_ make: (_ slot: Int, _ serial: UInt32) -> SimulatedConnection) -> SimulatedConnection {
        let slot = free.popLast() ?? connections.count
        if slot == connections.count { connections.append(nil) }
        serials &+= 1
        let made = make(slot, serials)
        connections[slot] = made
        return made
    }

    /// `nil` where it has ended.
    subscript(slot: Int32, serial: UInt32) -> SimulatedConnection? {
        guard let found = connections[Int(slot)], found.serial == serial else { return nil }
        return found
    }

    mutating func remove(_ connection: SimulatedConnection) {
        guard connections[connection.slot] === connection else { return }
        connections[connection.slot] = nil
        free.append(connection.slot)
    }
}

/// What a simulated shard's links need besides their machine.
final class SimulatedLinks {
    /// By index.
    let node: Int
    let shard: Int
    let set: LinkSet
    /// Effects that are being carried out, and those that they bring about.
    var outbox = Outbox<LinkEffect>()
    var isCarryingOut = false
    /// Whether the cluster knows that something is to be flushed.
    var isStaged = false
    /// By the place of their link: what it has now.
    var connections: [SimulatedConnection?] = []
    /// What of the set's counters the network's have already.
    var counted = LinkCounters()

    init(node: Int, shard: Int, set: LinkSet) {
        self.node = node
        self.shard = shard
        self.set = set
    }

    func connection(_ id: LinkID) -> SimulatedConnection? {
        guard id.slot < connections.count, let found = connections[id.slot], found.link == id else { return nil }
        return found
    }

    func keep(_ connection: SimulatedConnection) {
        while connections.count <= connection.link.slot { connections.append(nil) }
        connections[connection.link.slot] = connection
    }
}
