import NIOCore
import StatorCore

/// A vector clock as Dynamo keeps it: per actor the counter of its latest event and the wall time of that event.
struct VectorClock: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let actor: Actor
        let counter: UInt64
        let wall: WallTime
    }

    /// Sorted by actor.
    private(set) var entries: [Entry] = []

    init(entries: [Entry] = []) {
        self.entries = entries
    }

    /// How this clock's counters stand to another's; wall times do not count. `nil` where neither covers the other.
    /// O(actors).
    func isCovered(by other: VectorClock) -> Bool {
        var theirs = 0
        for entry in entries {
            while theirs < other.entries.count, other.entries[theirs].actor < entry.actor { theirs += 1 }
            guard theirs < other.entries.count, other.entries[theirs].actor == entry.actor,
                entry.counter <= other.entries[theirs].counter
            else { return false }
        }
        return true
    }

    func counter(of actor: Actor) -> UInt64? {
        entries.first { $0.actor == actor }?.counter
    }

    /// The pointwise maximum. O(actors).
    func joined(with other: VectorClock) -> VectorClock {
        if other.entries.isEmpty || self == other { return self }
        var merged: [Entry] = []
        merged.reserveCapacity(max(entries.count, other.entries.count))
        var mine = 0
        var theirs = 0
        while mine < entries.count, theirs < other.entries.count {
            let one = entries[mine]
            let two = other.entries[theirs]
            if one.actor == two.actor {
                merged.append(VectorClock.later(one, two))
                mine += 1
                theirs += 1
            } else if one.actor < two.actor {
                merged.append(one)
                mine += 1
            } else {
                merged.append(two)
                theirs += 1
            }
        }
        merged.append(contentsOf: entries[mine...])
        merged.append(contentsOf: other.entries[theirs...])
        return VectorClock(entries: merged)
    }

    private static func later(_ one: Entry, _ two: Entry) -> Entry {
        if one.counter != two.counter { return one.counter > two.counter ? one : two }
        return one.wall < two.wall ? two : one
    }

    /// Sets an actor's entry.
    func advanced(_ dot: Dot, wall: WallTime) -> VectorClock {
        let event = Entry(actor: dot.actor, counter: dot.counter, wall: wall)
        var kept = entries.filter { $0.actor != dot.actor }
        let position = kept.firstIndex { dot.actor < $0.actor } ?? kept.count
        kept.insert(event, at: position)
        return VectorClock(entries: kept)
    }

    /// Drops the entries of the oldest wall times until at most `maximum` are left, never that of `writer`.
    func truncated(to maximum: Int, keeping writer: Actor) -> VectorClock {
        guard entries.count > maximum else { return self }
        let oldestFirst = entries.filter { $0.actor != writer }.sorted { left, right in
            left.wall != right.wall ? left.wall < right.wall : left.actor < right.actor
        }
        let kept = oldestFirst.suffix(max(0, maximum - 1)) + entries.filter { $0.actor == writer }
        return VectorClock(entries: kept.sorted { $0.actor < $1.actor })
    }
}

/// Encoding: the number of entries; per entry, ascending by actor, its name, counter and wall time.
extension ByteWriter {
    mutating func writeVectorClock(_ clock: VectorClock) throws(CodecError) {
        guard clock.entries.count <= ResolverLimits.actors else {
            throw .tooLarge(what: "clock's entries", found: clock.entries.count, maximum: ResolverLimits.actors)
        }
        writeVarint(UInt64(clock.entries.count))
        for entry in clock.entries {
            writeActor(entry.actor)
            writeVarint(entry.counter)
            writeInteger(entry.wall.microseconds)
        }
    }

}

extension ByteReader {
    mutating func readVectorClock() throws(CodecError) -> VectorClock {
        let count = try readCount("clock's entries", maximum: ResolverLimits.actors)
        var entries: [VectorClock.Entry] = []
        for _ in 0..<count {
            let actor = try readActor()
            if let previous = entries.last, previous.actor >= actor {
                throw .invalid(what: "clock's entries", found: "out of order at \(actor)")
            }
            let counter = try readVarint("clock's counter")
            let wall = WallTime(microseconds: try readFixed("clock's wall time", as: Int64.self))
            entries.append(VectorClock.Entry(actor: actor, counter: counter, wall: wall))
        }
        return VectorClock(entries: entries)
    }
}
