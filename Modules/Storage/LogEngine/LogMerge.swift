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
    func mergeInputs() -> [LogSegment] {
        let candidates = segments.filter { segment in
            isSealed(segment) && segment.damagedLiveBytes.map { segment.liveBytes < $0 } ?? true
        }
        var chosen = candidates.filter(isMostlyDead)
        let small = candidates.filter { $0.size < settings.segmentSize.bytes / 4 && !isMostlyDead($0) }
        if small.count >= 4 { chosen += small }
        if chosen.isEmpty { chosen = removalBurden(candidates) }
        chosen.sort { left, right in
            let leftShare = left.deadBytes * 1024 / max(left.size, 1)
            let rightShare = right.deadBytes * 1024 / max(right.size, 1)
            return leftShare != rightShare ? leftShare > rightShare : left.number < right.number
        }
        var total = 0
        var inputs: [LogSegment] = []
        for segment in chosen where inputs.count < LogHeader.maximumReplaced - leftovers.count {
            let carried = segment.liveBytes + segment.removalBytes
            if !inputs.isEmpty, total + carried > settings.segmentSize.bytes { continue }
            total += carried
            inputs.append(segment)
        }
        if inputs.count == 1, isMergedAndEmpty(inputs[0]) { return [] }
        return inputs.sorted { $0.number < $1.number }
    }

    private func isMostlyDead(_ segment: LogSegment) -> Bool {
        let removable = removalsAreFree(segment) ? segment.removalBytes : 0
        let content = segment.size - segment.header.length
        return content > 0 && (segment.deadBytes + removable) * 100 >= settings.mergeDeadPercent * content
    }

    /// An empty output is all that tells how far the log was durable; it goes with the next merge.
    private func isMergedAndEmpty(_ segment: LogSegment) -> Bool {
        segment.header.kind == .merged && segment.size <= segment.header.length
    }

    /// Whether no dead put elsewhere is older than the segment's removal entries.
    private func removalsAreFree(_ segment: LogSegment) -> Bool {
        segment.removalBytes > 0
            && segments.allSatisfy { $0 === segment || $0.lowestDeadPut > segment.highestSequence }
    }

    private func removalBurden(_ candidates: [LogSegment]) -> [LogSegment] {
        let removals = candidates.reduce(0) { $0 + $1.removalBytes }
        let total = candidates.reduce(0) { $0 + $1.size }
        guard removals * 100 >= settings.mergeDeadPercent * total, removals > 0,
            let keeper = candidates.min(by: { $0.lowestDeadPut < $1.lowestDeadPut }), keeper.lowestDeadPut < .max
        else { return [] }
        return [keeper] + candidates.filter { $0 !== keeper && $0.removalBytes * 2 > $0.size }
    }
}
