import Replication

/// Who waits for an answer, by ticket: slots that are used again, so that no operation hashes or allocates for it.
struct ReplyTable<Reply: Sendable> {
    private struct Slot {
        var reply: Reply?
        /// Rises with every use, so that a late answer to an earlier request finds nobody.
        var use: UInt32 = 0
    }

    private var slots: [Slot] = []
    private var free: [Int] = []

    var count: Int { slots.count - free.count }

    mutating func add(_ reply: consuming Reply) -> ClientTicket {
        let index: Int
        if let last = free.popLast() {
            index = last
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].use &+= 1
        slots[index].reply = reply
        return ClientTicket(UInt64(slots[index].use) << 32 | UInt64(index))
    }

    /// Takes the reply out: every request is answered once at most.
    mutating func take(_ ticket: ClientTicket) -> Reply? {
        let index = Int(ticket.number & 0xFFFF_FFFF)
        let use = UInt32(truncatingIfNeeded: ticket.number >> 32)
        guard index < slots.count, slots[index].use == use, let reply = slots[index].reply.take() else { return nil }
        free.append(index)
        return reply
    }

    /// All that still wait.
    mutating func takeAll() -> [Reply] {
        var waiting: [Reply] = []
        for index in slots.indices {
            guard let reply = slots[index].reply else { continue }
            slots[index].reply = nil
            free.append(index)
            waiting.append(reply)
        }
        return waiting
    }
}

/// Who waits for the answer to one client request.
enum ClientReply: Sendable {
    case call(@Sendable (ClientResponse) -> Void)
    /// On this loop.
    case sink(any ReplySink, tag: UInt64)
    /// On another loop.
    case courier(Courier, any ReplySink, tag: UInt64)
}
