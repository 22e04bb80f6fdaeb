import NIOCore
import StatorCore

/// Encoding: the number of actors; per actor, ascending, its name, the number of its ranges, and per range the distance
/// from the lowest counter that it could start at, then its length less one. Every value has one encoding.
extension ByteWriter {
    /// - Throws: `.tooLarge` above ``ResolverLimits``.
    mutating func writeCausalContext(_ context: CausalContext) throws(CodecError) {
        let entries = context.entries
        guard entries.count <= ResolverLimits.actors else {
            throw .tooLarge(what: "context's actors", found: entries.count, maximum: ResolverLimits.actors)
        }
        writeVarint(UInt64(entries.count))
        for entry in entries {
            writeActor(entry.actor)
            writeVarint(UInt64(entry.ranges.count))
            var lowestStart: UInt64 = 0
            for index in 0..<entry.ranges.count {
                let range = entry.ranges[index]
                writeVarint(range.first - lowestStart)
                writeVarint(range.last - range.first)
                // Ranges are not adjacent; only the last one can end so high that this wraps.
                lowestStart = range.last &+ 2
            }
        }
    }

}

extension ByteReader {
    mutating func readCausalContext() throws(CodecError) -> CausalContext {
        let count = try readCount("context's actors", maximum: ResolverLimits.actors)
        var entries: [CausalContext.Entry] = []
        // A count is only believed as far as bytes can follow.
        entries.reserveCapacity(min(count, readableBytes / CausalContext.Entry.minimumLength))
        for _ in 0..<count {
            let actor = try readActor()
            if let previous = entries.last, previous.actor >= actor {
                throw .invalid(what: "context's actors", found: "out of order at \(actor)")
            }
            entries.append(CausalContext.Entry(actor: actor, ranges: try readCounterRanges()))
        }
        return CausalContext(entries: entries)
    }

    private mutating func readCounterRanges() throws(CodecError) -> CounterRanges {
        let count = try readCount("context's ranges", maximum: readableBytes / CounterRange.minimumLength)
        guard count > 0 else { throw .invalid(what: "context's ranges", found: "none") }
        var ranges = CounterRanges(try readCounterRange(above: (0, false)))
        for _ in 1..<count {
            ranges.append(try readCounterRange(above: ranges.highest.addingReportingOverflow(2)))
        }
        return ranges
    }

    /// - Parameter lowestStart: the lowest counter that the range could start at.
    private mutating func readCounterRange(
        above lowestStart: (partialValue: UInt64, overflow: Bool)
    ) throws(CodecError) -> CounterRange {
        let first = lowestStart.partialValue.addingReportingOverflow(try readVarint("range's start"))
        let last = first.partialValue.addingReportingOverflow(try readVarint("range's length"))
        if lowestStart.overflow || first.overflow || last.overflow {
            throw .invalid(what: "context's range", found: "past the last counter")
        }
        return CounterRange(first: first.partialValue, last: last.partialValue)
    }
}
