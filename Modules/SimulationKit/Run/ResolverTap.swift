internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import StatorCore

/// Stands between the machines and their resolver and notes every version that is made: its dot, and which earlier
/// versions its writer had seen. That is the oracle of explicit event sets that histories are checked against, taken
/// from what went into the resolver and never from the metadata that came out of it.
///
/// Unchecked: one run's machines and its tap are used by one thread.
package final class ResolverTap: @unchecked Sendable {
    /// One version that was made.
    struct Event {
        let dot: Dot
        /// The client operation that it carries out, once known.
        var operation: Int?
        /// Events that its writer had seen directly.
        let seen: [Int]
        let isDelete: Bool
        /// What a delete presented, by which its operation is found.
        let context: ByteBuffer?
        /// When it was made.
        let time: Int64
    }

    private(set) var events: [Event] = []
    private var byDot: [DotName: Int] = [:]
    /// Of writes that carry a value: one event, or several where one was carried out again.
    private var eventsOfWrite: [Int: [Int]] = [:]
    /// The events directly behind every context that a client was given.
    private var coverage: [ByteBuffer: [Int]] = [:]
    private var unlinkedDeletes: [ByteBuffer: [Int]] = [:]
    private var deleteOfContext: [ByteBuffer: Int] = [:]
    /// Of a delete that presents a context: how many events there were when it was sent.
    private var eventsBefore: [Int: Int] = [:]
    private var lastDelete: (event: Int, body: ByteBuffer)?
    var dots = DotLedger()
    /// Nanoseconds of virtual time.
    var time: Int64 = 0

    package init() {}

    // MARK: Called by the resolver

    func made(
        _ write: VersionWrite, over existing: ReadResult?, _ dot: Dot, body: ByteBuffer
    ) {
        dots.issued(dot, at: time)
        let event = events.count
        var seen: [Int] = []
        var context: ByteBuffer?
        switch write.basis {
        case .held: seen = existing.map { self.events(behind: $0) } ?? []
        case .nothing: break
        case .context(let bytes):
            seen = coverage[bytes] ?? []
            context = bytes
        }
        events.append(
            Event(
                dot: dot, operation: write.content.flatMap { $0.operation }, seen: seen, isDelete: write.content == nil,
                context: context, time: time))
        byDot[DotName(dot: dot)] = event
        if let operation = events[event].operation { eventsOfWrite[operation, default: []].append(event) }
        guard write.content == nil else { return }
        lastDelete = (event, body)
        if let context { link(event, toDeleteWith: context) }
    }

    private func link(_ event: Int, toDeleteWith context: ByteBuffer) {
        guard var waiting = unlinkedDeletes[context], !waiting.isEmpty else { return }
        events[event].operation = waiting.removeFirst()
        unlinkedDeletes[context] = waiting
    }

    func wasRead(_ body: ByteBuffer, _ result: ReadResult) {
        if let last = lastDelete, last.body == body {
            deleteOfContext[result.context] = last.event
            lastDelete = nil
        }
        if result.isTombstone { coverage[result.context] = events(behind: result) }
    }

    // MARK: Called by clients

    /// The events behind an answer; the context that came with it stands for them from now on.
    func events(behind result: ReadResult) -> [Int] {
        result.versions.compactMap { $0.dot.flatMap { byDot[DotName(dot: $0)] } }
    }

    func note(_ result: ReadResult) -> [Int] {
        let found = events(behind: result)
        coverage[result.context] = found
        return found
    }

    /// The events behind the context of a tombstone.
    func events(behind context: ByteBuffer) -> [Int] { coverage[context] ?? [] }

    /// A client is about to delete with this context.
    func willDelete(_ operation: Int, context: ByteBuffer) {
        unlinkedDeletes[context, default: []].append(operation)
        eventsBefore[operation] = events.count
    }

    /// A delete was acknowledged with this context, which tells which event it was.
    func deleted(_ operation: Int, presented: ByteBuffer, result: ByteBuffer) {
        guard let event = deleteOfContext[result], events[event].operation != operation else { return }
        // Two deletes can end in one context; the one that was there before is not this one.
        guard event >= eventsBefore[operation] ?? 0 else { return }
        let other = events[event].operation
        // Two deletes with one context may have been carried out in the other order.
        let mistaken = events.lastIndex { $0.isDelete && $0.operation == operation }
        events[event].operation = operation
        unlinkedDeletes[presented]?.removeAll { $0 == operation }
        if let mistaken {
            events[mistaken].operation = other
        } else if let other {
            unlinkedDeletes[presented, default: []].append(other)
        }
    }

    /// A delete without context was acknowledged by this node: its event is among those made since it was sent. Of two
    /// of one key the first is taken: the second has seen it, so that nothing too much is said of either.
    /// - Parameter isOfKey: whether an operation is of the delete's key.
    /// - Returns: whether it can be told which one.
    func deletedBlindly(
        _ operation: Int, result: ByteBuffer, by node: NodeID, from first: Int, isOfKey: (Int) -> Bool
    ) -> Bool {
        let found = events.indices[first...].filter { isBlindDelete($0) && events[$0].dot.actor.node == node }
        // One that had seen nothing may be of any key.
        let keyed = found.filter { operations(of: events[$0].seen).first.map(isOfKey) ?? false }
        let keyless = found.filter { operations(of: events[$0].seen).isEmpty }
        let told = deleteOfContext[result].flatMap { found.contains($0) ? $0 : nil }
        guard let event = told ?? keyed.first ?? (keyless.count == 1 ? keyless[0] : nil) else { return false }
        events[event].operation = operation
        return true
    }

    /// Whether an event is a delete without context of which the operation is not known.
    private func isBlindDelete(_ event: Int) -> Bool {
        events[event].isDelete && events[event].operation == nil && events[event].context == nil
    }

    /// Gives the deletes without context whose operation is not known to operations of unknown outcome, one to one:
    /// which of several is which makes no difference to what may be said of them.
    /// - Parameter waiting: in their order: operations, their keys, and how many events there were before each.
    func linkBlindDeletes(_ waiting: [(operation: Int, key: String, before: Int)], keyOf: (Int) -> String) {
        var waiting = waiting
        for event in events.indices where isBlindDelete(event) {
            guard let seen = operations(of: events[event].seen).first else { continue }
            let key = keyOf(seen)
            guard let place = waiting.lastIndex(where: { $0.key == key && $0.before <= event }) else { continue }
            events[event].operation = waiting.remove(at: place).operation
        }
    }

    /// Gives the deletes that are left without an operation to one that was carried out before, at another coordinator:
    /// who cannot store what it made refuses it, and the next one makes it anew. Without this, what such a delete had
    /// seen would be taken for what a read of it shows. O(events) for each that is left.
    /// - Parameter isUnderWay: whether an operation may have been carried out at that time. What is left besides is of deletes
    ///   that failed.
    func linkRepeatedDeletes(keyOf: (Int) -> String, isUnderWay: (Int, Int64) -> Bool) {
        for event in events.indices where events[event].isDelete && events[event].operation == nil {
            guard let seen = operations(of: events[event].seen).first else { continue }
            let key = keyOf(seen)
            events[event].operation =
                events[..<event].last { earlier in
                    earlier.isDelete && earlier.context == events[event].context
                        && earlier.dot.actor.node != events[event].dot.actor.node
                        && earlier.operation.map { keyOf($0) == key && isUnderWay($0, events[event].time) } == true
                }?.operation
        }
    }

    // MARK: For the history

    /// The operations that events stand for; an event whose operation is unknown stands for what it had seen.
    func operations(of found: [Int]) -> [Int] {
        if found.isEmpty { return [] }
        if found.count == 1, let operation = events[found[0]].operation { return [operation] }
        var operations: [Int] = []
        var pending = found
        var steps = 0
        while let event = pending.popLast() {
            steps += 1
            if let operation = events[event].operation {
                if !operations.contains(operation) { operations.append(operation) }
            } else if steps < 10_000 {
                pending += events[event].seen
            }
        }
        return operations.sorted()
    }

    /// The operations behind an answer, a write that became several of its versions as often.
    func operations(shownBy found: [Int]) -> [Int] {
        var operations = operations(of: found)
        if found.count < 2 { return operations }
        var written: Set<Int> = []
        for event in found where !events[event].isDelete {
            guard let operation = events[event].operation, !written.insert(operation).inserted else { continue }
            operations.append(operation)
        }
        return operations
    }

    /// What every operation had seen, by the operation.
    ///
    /// A coordinator that could not store what it made refuses it, and another one makes it anew over what it holds itself:
    /// only what the acknowledging one made counts, and where none acknowledged it what was made last.
    /// - Parameter coordinator: the node that acknowledged an operation, where one did.
    func seenByOperation(acknowledgedBy coordinator: (Int) -> NodeID?) -> [Int: [Int]] {
        var seen: [Int: [Int]] = [:]
        for event in events {
            guard let operation = event.operation else { continue }
            let operations = self.operations(of: event.seen).filter { $0 != operation }
            guard let node = coordinator(operation) else {
                seen[operation] = operations
                continue
            }
            guard node == event.dot.actor.node else { continue }
            seen[operation] = seen[operation].map { known in Array(Set(known + operations)).sorted() } ?? operations
        }
        return seen
    }

    /// The events that carried out an acknowledged write or delete.
    /// - Parameter context: what the answer presented.
    func events(of operation: Int, context: ByteBuffer) -> [Int] {
        eventsOfWrite[operation] ?? deleteOfContext[context].map { [$0] } ?? []
    }

    /// What an event had seen directly.
    func seen(by event: Int) -> [Int] { events[event].seen }

    /// The event of a dot that was issued.
    func event(of dot: Dot) -> Int? { byDot[DotName(dot: dot)] }

    func operation(of dot: Dot) -> Int? { byDot[DotName(dot: dot)].flatMap { events[$0].operation } }
}

/// A dot as a key: its incarnation is drawn at random, so that with the counter it is all that a hash needs.
private struct DotName: Hashable {
    let dot: Dot

    func hash(into hasher: inout Hasher) {
        hasher.combine(dot.actor.incarnation)
        hasher.combine(dot.counter)
    }
}

extension Content {
    /// A value of a simulated client: the number of the operation that writes it, and filling up to its size.
    static func value(of operation: Int, size: Int) -> Content {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(max(size, 24))
        bytes.writeString("v\(operation).")
        let filling = size - bytes.readableBytes
        if filling > 0 { bytes.writeRepeatingByte(UInt8(ascii: "-"), count: filling) }
        return Content(form: .raw, bytes: bytes)
    }

    /// The operation that wrote this value; `nil` where no simulated client did, to the last byte. O(bytes).
    var operation: Int? {
        bytes.withUnsafeReadableBytes { bytes in
            guard bytes.first == UInt8(ascii: "v") else { return nil }
            var number = 0
            for (index, byte) in bytes.enumerated().dropFirst() {
                if byte == UInt8(ascii: ".") {
                    return bytes[(index + 1)...].allSatisfy { $0 == UInt8(ascii: "-") } ? number : nil
                }
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), number < 1 << 50 else { return nil }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return nil
        }
    }
}
