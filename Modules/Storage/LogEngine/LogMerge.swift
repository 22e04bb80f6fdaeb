internal import NIOCore
internal import StatorCore

/// A merge under way: live frames of the inputs are copied into one output, which then takes the inputs' place.
///
/// 1. Copying: input by input, a slice at a time, into a file under a temporary name. The index still points to the inputs.
/// 2. Waiting until every write is durable that made a frame seem dead: a crash might bring that frame's time back.
/// 3. Installing: sync, rename, hint, sync of the folder. From here on a restart believes the output.
/// 4. Switching: the index is pointed to the output, a slice at a time.
/// 5. Removing the inputs.
struct LogMerge {
    enum Phase {
        case copying
        /// Until all writes up to this one are durable.
        case waiting(UInt64)
        case switching(LogHint)
        case removing
    }

    let inputs: [LogSegment]
    let output: LogSegment
    let file: any DiskFile
    var hint: LogHintBuilder
    var phase = Phase.copying
    /// The input being read, and how far.
    var position = 0
    var reader: LogFrameReader?
    /// Copied frames on their way to the output.
    var frames = ByteBuffer()
    var unsyncedBytes = 0

    func isInput(_ number: UInt32) -> Bool { inputs.contains { $0.number == number } }
}

extension LogEngine {
    /// Which segments a merge should take next; empty where none is worth it.
    ///
    /// Dead ones first, as many as fit one segment when their live bytes are put together. Segments that are small for
    /// want of data are merged four at a time, so that their number stays logarithmic. Where removal entries have become a
    /// burden, the oldest segment with dead puts goes too, since it is what keeps them.
    ///
    /// O(segments).
    func mergeInputs() -> [LogSegment] {
        let candidates = segments.filter { segment in
            isSealed(segment) && segment.damagedLiveBytes.map { segment.liveBytes < $0 } ?? true
        }
        let floors = RemovalFloors(segments)
        var chosen = candidates.filter { isMostlyDead($0, floors) }
        let small = candidates.filter { $0.size < settings.segmentSize.bytes / 4 && !isMostlyDead($0, floors) }
        if small.count >= 4 { chosen += small }
        chosen.sort { left, right in
            let leftShare = left.deadBytes * 1024 / max(left.size, 1)
            let rightShare = right.deadBytes * 1024 / max(right.size, 1)
            return leftShare != rightShare ? leftShare > rightShare : left.number < right.number
        }
        if chosen.isEmpty { chosen = removalBurden(candidates) }
        let inputs = fitting(chosen)
        // An empty output is all that tells how far the log was durable; it goes with the next merge.
        if inputs.count == 1, inputs[0].size <= inputs[0].header.length { return [] }
        return inputs
    }

    /// The first, and of the others as many as fit one segment with it.
    private func fitting(_ chosen: [LogSegment]) -> [LogSegment] {
        var total = 0
        var inputs: [LogSegment] = []
        for segment in chosen where inputs.count < LogHeader.maximumReplaced - leftovers.count {
            let carried = segment.liveBytes + segment.removalBytes
            if !inputs.isEmpty, total + carried > settings.segmentSize.bytes { continue }
            total += carried
            inputs.append(segment)
        }
        return inputs
    }

    private func isMostlyDead(_ segment: LogSegment, _ floors: RemovalFloors) -> Bool {
        let removable = floors.areFree(segment) ? segment.removalBytes : 0
        let content = segment.size - segment.header.length
        return content > 0 && (segment.deadBytes + removable) * 100 >= settings.mergeDeadPercent * content
    }

    /// The segment with the oldest dead put comes first, since it is to be merged whatever else is.
    private func removalBurden(_ candidates: [LogSegment]) -> [LogSegment] {
        let removals = candidates.reduce(0) { $0 + $1.removalBytes }
        let total = candidates.reduce(0) { $0 + $1.size }
        guard removals * 100 >= settings.mergeDeadPercent * total, removals > 0,
            let keeper = candidates.min(by: { $0.lowestDeadPut < $1.lowestDeadPut }), keeper.lowestDeadPut < .max
        else { return [] }
        return [keeper] + candidates.filter { $0 !== keeper && $0.removalBytes * 2 > $0.size }
    }
}

/// Below which sequence no dead put is left, seen from each segment.
private struct RemovalFloors {
    private var lowest: LogSegment?
    private var secondLowest = UInt64.max

    init(_ segments: [LogSegment]) {
        for segment in segments {
            guard let found = lowest else {
                lowest = segment
                continue
            }
            if segment.lowestDeadPut < found.lowestDeadPut {
                secondLowest = found.lowestDeadPut
                lowest = segment
            } else {
                secondLowest = min(secondLowest, segment.lowestDeadPut)
            }
        }
    }

    /// Whether no dead put outside the segment is older than a removal entry in it.
    func areFree(_ segment: LogSegment) -> Bool {
        let floor = lowest === segment ? secondLowest : lowest?.lowestDeadPut ?? .max
        return segment.removalBytes > 0 && floor > segment.highestSequence
    }
}
