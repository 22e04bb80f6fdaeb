import NIOCore
import StatorCore

/// Encoding: the number of actors; per actor, ascending, its name, the number of its ranges, and per range the distance
/// from the lowest counter that it could start at, then its length less one. Every value has one encoding.
extension ByteBuffer {
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
            for range in entry.ranges {
                writeVarint(range.first - lowestStart)
                writeVarint(range.last - range.first)
                // Ranges are not adjacent; only the last one can end so high that this wraps.
                lowestStart = range.last &+ 2
            }
        }
    }

    mutating func readCausalContext() throws(CodecError) -> CausalContext {
        let count = try readCount("context's actors", maximum: ResolverLimits.actors)
        var entries: [CausalContext.Entry] = []
        for _ in 0..<count {
            let actor = try readActor()
            if let previous = entries.last, previous.actor >= actor {
                throw .invalid(what: "context's actors", found: "out of order at \(actor)")
            }
            entries.append(CausalContext.Entry(actor: actor, ranges: try readCounterRanges()))
        }
        return CausalContext(entries: entries)
    }

    private mutating func readCounterRanges() throws(CodecError) -> [CounterRange] {
        let count = try readCount("context's ranges", maximum: readableBytes / CounterRange.minimumLength)
        guard count > 0 else { throw .invalid(what: "context's ranges", found: "none") }
        var ranges: [CounterRange] = []
        for _ in 0..<count {
            let lowestStart = ranges.last.map { $0.last.addingReportingOverflow(2) } ?? (0, false)
            let first = lowestStart.partialValue.addingReportingOverflow(try readVarint("range's start"))
            let last = first.partialValue.addingReportingOverflow(try readVarint("range's length"))
            if lowestStart.overflow || first.overflow || last.overflow {
                throw .invalid(what: "context's range", found: "past the last counter")
            }
            ranges.append(CounterRange(first: first.partialValue, last: last.partialValue))
        }
        return ranges
    }
}
