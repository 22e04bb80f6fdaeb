internal import NIOCore
public import StatorCore

extension LogEngine {
    public func record(for key: Key, token: Token) throws(StorageError) -> StoredRecord? {
        guard let location = index.value(for: key, token: token) else { return nil }
        if let failure, location.sequence > durableSequence { throw .failed(failure) }
        guard let segment = segment(location.segment) else {
            throw corrupt(location, "its segment is not there")
        }
        let file = try file(of: segment)
        let bytes = try onDisk { () throws(DiskError) in
            try file.read(at: Int(location.offset), count: Int(location.length))
        }
        return try record(in: bytes.slice(), at: location, key: key, token: token)
    }

    private func record(in bytes: ByteBuffer, at location: LogLocation, key: Key, token: Token) throws(StorageError)
        -> StoredRecord
    {
        let seed = LogFrame.seed(store: store.id, segment: location.segment, offset: Int(location.offset))
        guard let frame = LogFrame(in: bytes, at: 0, seed: seed), frame.length == Int(location.length),
            frame.sequence == location.sequence, frame.token == token, frame.key(in: bytes, at: 0) == key.bytes
        else { throw corrupt(location, "its head fails its check") }
        guard let stored = frame.intactBody(in: bytes, at: 0, seed: seed) else {
            throw corrupt(location, "its body fails its check")
        }
        var body = stored
        if frame.flags.contains(.lz4) {
            guard let expanded = LZ4Block.expanded(stored, length: frame.bodyLength) else {
                throw corrupt(location, "its LZ4 block does not expand to \(frame.bodyLength) bytes")
            }
            body = expanded
        }
        return StoredRecord(
            token: token, key: key, digest: frame.digest, isTombstone: frame.flags.contains(.tombstone),
            expiry: frame.flags.contains(.expiry) ? WallTime(microseconds: frame.expiry) : nil, body: body)
    }

    private func corrupt(_ location: LogLocation, _ what: String) -> StorageError {
        counts.corruptRecords += 1
        return .corrupt("record at \(location.offset) of \(path(location.segment, .log)): \(what)")
    }
}
