internal import NIOCore
internal import StatorCore

/// Goes through a segment's frames from front to back, in large reads, and over damage to the next frame that can be trusted.
struct LogFrameReader {
    /// Bytes asked of the disk at a time.
    static let window = 256 << 10

    enum Item {
        case frame(LogFrame, offset: Int, key: Key, bodyIsIntact: Bool)
        /// Bytes that are no frame.
        case damage(Range<Int>)
    }

    let file: any DiskFile
    let store: UInt64
    let segment: UInt32
    let end: Int
    /// The next unread offset.
    private(set) var offset: Int
    private(set) var bytesRead = 0
    private var buffer = ByteBuffer()
    private var bufferOffset: Int

    init(file: any DiskFile, store: UInt64, segment: UInt32, from offset: Int, to end: Int) {
        self.file = file
        self.store = store
        self.segment = segment
        self.offset = offset
        self.end = end
        bufferOffset = offset
    }

    /// The next frame or stretch of damage, or `nil` at the end.
    mutating func next() throws(DiskError) -> Item? {
        guard offset < end else { return nil }
        if let frame = try frame(at: offset) { return try item(frame) }
        let start = offset
        var candidate = start + 1
        while candidate < end {
            if try frame(at: candidate) != nil { break }
            candidate += 1
        }
        offset = candidate
        return .damage(start..<candidate)
    }

    private mutating func item(_ frame: LogFrame) throws(DiskError) -> Item? {
        let start = offset
        try fill(from: start, count: frame.length)
        let index = start - bufferOffset
        let seed = LogFrame.seed(store: store, segment: segment, offset: start)
        guard let key = frame.key(in: buffer, at: index) else { return nil }
        let isIntact = frame.intactBody(in: buffer, at: index, seed: seed) != nil
        offset = min(start + frame.length, end)
        return .frame(frame, offset: start, key: Key(unchecked: key), bodyIsIntact: isIntact)
    }

    /// The bytes of the frame that was returned last, whole.
    func frameBytes(_ frame: LogFrame, at start: Int) -> ByteBuffer? {
        buffer.getSlice(at: start - bufferOffset, length: frame.length)
    }

    private mutating func frame(at start: Int) throws(DiskError) -> LogFrame? {
        guard end - start > LogFrame.headLength else { return nil }
        try fill(from: start, count: min(LogFrame.headLength + Limits.maximumStoredKey, end - start))
        let seed = LogFrame.seed(store: store, segment: segment, offset: start)
        return LogFrame(in: buffer, at: start - bufferOffset, seed: seed)
    }

    /// Sees to it that the buffer holds `count` bytes from `start`, or all up to the end.
    private mutating func fill(from start: Int, count: Int) throws(DiskError) {
        let wanted = min(start + count, end)
        if start >= bufferOffset, wanted <= bufferOffset + buffer.writerIndex { return }
        let length = min(max(count, LogFrameReader.window), end - start)
        buffer = try file.read(at: start, count: length).slice()
        bufferOffset = start
        bytesRead += buffer.readableBytes
    }
}
