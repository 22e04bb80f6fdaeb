internal import NIOCore
internal import StatorCore

/// A hint in the making: its segment is read from front to back, a slice at a time.
struct LogHintJob {
    let segment: LogSegment
    var reader: LogFrameReader
    var builder: LogHintBuilder
}

extension LogEngine {
    /// The next sealed segment that lacks a hint.
    func segmentWithoutHint() -> LogSegment? {
        segments.first { $0.hint == .missing && isSealed($0) }
    }

    func beginHint(of segment: LogSegment) throws(StorageError) {
        let reader = LogFrameReader(
            file: try file(of: segment), store: store.id, segment: segment.number, from: segment.header.length,
            to: segment.size)
        let known = segment.header.kind == .merged ? segment.header.sequence : 0
        hintJob = LogHintJob(
            segment: segment, reader: reader,
            builder: LogHintBuilder(store: store.id, segment: segment.number, highestSequence: known))
    }

    /// Goes on with the hint job until `budget` bytes are read or the hint is written.
    /// - Returns: the bytes read and written.
    func continueHint(budget: Int) throws(StorageError) -> Int {
        guard var job = hintJob else { return 0 }
        hintJob = nil
        let before = job.reader.bytesRead
        do {
            while job.reader.bytesRead - before < budget {
                switch try job.reader.next() {
                case .frame(let frame, let offset, let key, _):
                    let location = LogLocation(frame, segment: job.segment.number, offset: offset)
                    job.builder.add(location, key: key, token: frame.token)
                case .damage:
                    // A hint would hide the damage from the next start; reading the segment finds it again.
                    job.segment.hint = .refused
                    return job.reader.bytesRead - before
                case nil:
                    let bytes = job.builder.encoded(coveredBytes: job.segment.size)
                    job.segment.hint = .refused
                    try install(bytes, of: job.segment.number)
                    job.segment.hint = .written
                    return job.reader.bytesRead - before + bytes.readableBytes
                }
            }
        } catch {
            throw .disk(error)
        }
        hintJob = job
        return job.reader.bytesRead - before
    }

    /// Writes a hint file so that it is there whole or not at all.
    func install(_ hint: ByteBuffer, of number: UInt32) throws(DiskError) {
        let temporary = temporaryPath(number, .hint)
        do {
            try disk.remove(temporary)
            let file = try disk.open(temporary, creating: true)
            defer { file.close() }
            try file.write(hint, at: 0)
            try file.sync()
            try disk.rename(temporary, to: path(number, .hint))
            try disk.syncFolder(folder)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
    }

    /// Before closing: a hint for every segment that lacks one, the active one included.
    func writeMissingHints() throws(StorageError) {
        for segment in segments where segment.hint == .missing {
            try beginHint(of: segment)
            while hintJob != nil { _ = try continueHint(budget: .max) }
        }
    }
}
