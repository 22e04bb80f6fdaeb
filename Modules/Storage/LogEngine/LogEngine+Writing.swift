internal import NIOCore
internal import StatorCore

extension LogEngine {
    /// Larger buffers of frames are not kept from batch to batch.
    private static let keptBufferBytes = 4 << 20

    /// One positional write per batch, more where a segment is full on the way.
    public func apply(_ batch: [StorageWrite]) throws(BatchError) {
        if let failure { throw BatchError(written: 0, cause: .failed(failure)) }
        frames.clear()
        pending.removeAll(keepingCapacity: true)
        buffered = 0
        written = 0
        do throws(StorageError) {
            for write in batch {
                try append(write)
                buffered += 1
            }
            try flush()
        } catch {
            var cause = error
            if case .unsupported = error {
                // What stands before a write that cannot be stored is as good as ever.
                do throws(StorageError) { try flush() } catch { cause = error }
            }
            pending.removeAll()
            throw BatchError(written: written, cause: cause)
        }
        if frames.capacity > LogEngine.keptBufferBytes { frames = ByteBuffer() }
    }

    private func append(_ write: StorageWrite) throws(StorageError) {
        let keyLength = write.key.bytes.readableBytes
        guard (1...Limits.maximumStoredKey).contains(keyLength) else {
            throw .unsupported("a key of \(keyLength) bytes; 1 to \(Limits.maximumStoredKey) can be stored")
        }
        switch write {
        case .put(let record):
            try append(record)
        case .remove(let token, let key):
            // Nothing to forget: neither the index nor this batch knows the key.
            if pending.isEmpty, index.value(for: key, token: token) == nil { return }
            let frame = LogFrame(
                sequence: 0, token: token, digest: Digest(0), expiry: 0, storedLength: 0, bodyLength: 0, unsynced: 0,
                keyLength: keyLength, flags: .removal)
            try append(frame, key: key, stored: ByteBuffer())
        }
    }

    private func append(_ record: StoredRecord) throws(StorageError) {
        let bodyLength = record.body.readableBytes
        guard bodyLength <= Limits.maximumRecordBody else {
            throw .unsupported("a body of \(bodyLength) bytes; at most \(Limits.maximumRecordBody) can be stored")
        }
        let block = settings.compression == .lz4 ? LZ4Block.compressed(record.body) : nil
        let stored = block ?? record.body
        var flags: LogFrame.Flags = []
        if block != nil { flags.insert(.lz4) }
        if record.isTombstone { flags.insert(.tombstone) }
        if record.expiry != nil { flags.insert(.expiry) }
        let frame = LogFrame(
            sequence: 0, token: record.token, digest: record.digest, expiry: record.expiry?.microseconds ?? 0,
            storedLength: stored.readableBytes, bodyLength: bodyLength, unsynced: 0,
            keyLength: record.key.bytes.readableBytes, flags: flags)
        try append(frame, key: record.key, stored: stored)
    }

    /// Puts a frame into the buffer, its sequence number given to it here.
    private func append(_ unnumbered: LogFrame, key: Key, stored: ByteBuffer) throws(StorageError) {
        let segment = try activeSegment(for: unnumbered.length)
        var frame = unnumbered
        frame.sequence = lastSequence + UInt64(pending.count) + 1
        frame.unsynced = UInt32(clamping: frame.sequence - durableSequence - 1)
        let offset = segment.size + frames.readableBytes
        let seed = LogFrame.seed(store: store.id, segment: segment.number, offset: offset)
        frame.write(key: key.bytes, stored: stored, seed: seed, into: &frames)
        let location = LogLocation(
            segment: segment.number, offset: UInt32(offset), length: UInt32(frame.length), flags: frame.flags,
            bodyLength: frame.bodyLength, sequence: frame.sequence, digest: frame.digest)
        pending.append(PendingWrite(token: frame.token, key: key, location: location))
    }

    /// The segment that has room for another frame; what is buffered for the full one is written first.
    private func activeSegment(for length: Int) throws(StorageError) -> LogSegment {
        if let active {
            let used = active.size + frames.readableBytes
            if used == active.header.length || used + length <= settings.segmentSize.bytes { return active }
            try flush()
        }
        return try beginSegment()
    }

    private func beginSegment() throws(StorageError) -> LogSegment {
        active = nil
        let number = nextNumber
        let header = LogHeader(kind: .appended, sequence: lastSequence + 1, store: store)
        nextNumber += 1
        let path = path(number, .log)
        let disk = disk
        let file = try onDisk { () throws(DiskError) in
            let file = try disk.open(path, creating: true)
            do throws(DiskError) {
                try file.write(header.encoded(number: number), at: 0)
                return file
            } catch {
                file.close()
                try? disk.remove(path)
                throw error
            }
        }
        let segment = LogSegment(number: number, header: header, size: header.length)
        segment.file = file
        openFiles += 1
        insert(segment)
        active = segment
        dirty.append(segment)
        folderIsDirty = true
        closeLeastUsed(but: segment)
        return segment
    }

    /// Writes the buffered frames and makes them visible.
    private func flush() throws(StorageError) {
        guard !pending.isEmpty, let segment = active else {
            written = buffered
            return
        }
        let file = try file(of: segment)
        do {
            try file.write(frames, at: segment.size)
        } catch {
            takeBack(segment, file)
            if let failure { throw .failed(failure) }
            throw .disk(error)
        }
        segment.size += frames.readableBytes
        if !dirty.contains(where: { $0 === segment }) { dirty.append(segment) }
        for write in pending { show(write, in: segment) }
        lastSequence += UInt64(pending.count)
        written = buffered
        frames.clear()
        pending.removeAll(keepingCapacity: true)
    }

    /// Cuts a failed write off again, durably: it is as if it had never been. Where even that fails, what lies there would be
    /// taken for records later.
    private func takeBack(_ segment: LogSegment, _ file: any DiskFile) {
        do {
            try file.truncate(to: segment.size)
            try file.sync()
        } catch {
            failure = error.description
        }
    }

    private func show(_ write: PendingWrite, in segment: LogSegment) {
        let location = write.location
        segment.note(sequence: location.sequence)
        if location.flags.contains(.removal) {
            segment.removalBytes += Int(location.length)
            if let old = index.remove(write.key, token: write.token) { forget(old) }
            return
        }
        segment.liveBytes += Int(location.length)
        counts.tombstones += location.isTombstone ? 1 : 0
        if let old = index.insert(location, for: write.key, token: write.token) { forget(old) }
    }

    private func forget(_ location: LogLocation) {
        counts.tombstones -= location.isTombstone ? 1 : 0
        segment(location.segment)?.forget(location)
    }
}
