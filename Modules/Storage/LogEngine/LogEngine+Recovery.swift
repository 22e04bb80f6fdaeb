internal import NIOCore
internal import StatorCore

/// Opening: from files to index.
///
/// Merged segments and hints exist only for durable entries. The rest is read from the appended segments, in the order of
/// writing, and judged by sequence numbers: up to the highest number known durable (each frame tells what was durable
/// when it was written) a gap is damage, counted and passed over. Beyond it only what follows without a gap was
/// certainly written in this order; the first gap is where the crash tore the log, and everything after it is cut off.
extension LogEngine {
    func recover() throws(StorageError) {
        do {
            try recoverFiles()
        } catch let error as StorageError {
            throw error
        } catch let error as DiskError {
            throw .disk(error)
        } catch {
            throw .failed("\(error)")
        }
    }

    private func recoverFiles() throws {
        try disk.createFolder(folder)
        try findSegments()
        try openStore()
        try removeReplaced()
        compareWithManifest()
        var scanned: [ScannedSegment] = []
        for segment in segments {
            let hinted = try readHint(of: segment)
            scanned.append(try scan(segment, from: hinted))
        }
        let (found, tail) = (durableSequence, try readTail())
        durableSequence = max(durableSequence, tail)
        try judge(scanned)
        try removeEmpty()
        forgetRemovals()
        if max(found, lastSequence) < tail {
            damage.note("\(folder) lacks the last writes that were durable, up to number \(tail)")
        }
        lastSequence = max(lastSequence, durableSequence)
        try makeDurable(scanned)
        durableSequence = lastSequence
        for segment in segments { segment.durableSize = segment.size }
        noteDamagedSegments()
        resumeAppending()
        // A disk without room leaves the older list, which says less and nothing wrong.
        if manifest.damage != damage || isManifestStale { _ = try? writeManifest() }
    }

    private func findSegments() throws {
        var hints: [UInt32] = []
        for name in try disk.list(folder) {
            if name.hasSuffix(".tmp") {
                try disk.remove(folder + "/" + name)
            } else if let number = LogEngine.number(in: name, ending: ".log") {
                segments.append(try openSegment(number))
            } else if let number = LogEngine.number(in: name, ending: ".hint") {
                hints.append(number)
            }
        }
        segments.sort { $0.number < $1.number }
        for number in hints where segment(number) == nil {
            hasOrphanedHints = true
            try disk.remove(path(number, .hint))
        }
        nextNumber = (max(segments.last?.number ?? 0, hints.max() ?? 0)) + 1
    }

    private func openSegment(_ number: UInt32) throws -> LogSegment {
        let file = try disk.open(path(number, .log), creating: false)
        let size = try file.size()
        defer { file.close() }
        var start = try file.read(at: 0, count: LogHeader.fixedLength)
        start = try file.read(at: 0, count: LogHeader.length(from: start.slice()))
        switch LogHeader.read(start.slice(), number: number) {
        case .intact(let header):
            return LogSegment(number: number, header: header, size: size)
        case .unsupported(let version):
            throw StorageError.unsupported(
                "\(path(number, .log)) has format version \(version), this program reads only \(LogHeader.version): start the node with an empty data folder"
            )
        case .damaged:
            let segment = LogSegment(
                number: number, header: LogHeader(kind: .appended, sequence: 0, store: store), size: size)
            segment.headerIsDamaged = true
            return segment
        }
    }

    /// A merge was complete when its segment got its name; only the removal of what it replaces may be missing.
    private func removeReplaced() throws {
        let replaced = segments.flatMap(\.header.replaced).sorted().filter { segment($0) != nil }
        guard !replaced.isEmpty else { return }
        // The name may be in the cache only, and must be durable before what it replaces goes.
        try disk.syncFolder(folder)
        for number in replaced {
            try disk.remove(path(number, .hint))
            try disk.remove(path(number, .log))
            segments.removeAll { $0.number == number }
        }
    }

    /// - Returns: the offset up to which the hint told what the segment holds.
    private func readHint(of segment: LogSegment) throws -> Int {
        if segment.header.kind == .merged { durableSequence = max(durableSequence, segment.header.sequence) }
        let start = segment.headerIsDamaged ? 0 : segment.header.length
        let path = path(segment.number, .hint)
        guard try disk.exists(path) else { return start }
        let file = try disk.open(path, creating: false)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: try file.size())
        guard var hint = LogHint(bytes.slice(), store: store.id, segment: segment.number) else { return start }
        while let entry = hint.next() {
            take(entry.location, key: entry.key, token: entry.token, in: segment)
            if Int(entry.location.offset) + Int(entry.location.length) > segment.size { counts.corruptRecords += 1 }
        }
        durableSequence = max(durableSequence, hint.highestSequence)
        segment.hintedSequence = hint.highestSequence
        if hint.coveredBytes > segment.size {
            segment.isCutShort = true
            if manifest.segment(segment.number) == nil { segment.damagedBytes += hint.coveredBytes - segment.size }
        }
        if hint.coveredBytes >= segment.size { segment.hint = .written }
        return hint.coveredBytes
    }

    private func scan(_ segment: LogSegment, from start: Int) throws -> ScannedSegment {
        var scanned = ScannedSegment(segment: segment, start: start)
        guard start < segment.size else { return scanned }
        let file = try file(of: segment)
        var reader = LogFrameReader(
            file: file, store: store.id, segment: segment.number, from: start, to: segment.size)
        while let item = try reader.next() {
            switch item {
            case .frame(let frame, let offset, let key, let bodyIsIntact):
                durableSequence = max(durableSequence, frame.durableSequence)
                let location = LogLocation(frame, segment: segment.number, offset: offset)
                scanned.items.append(
                    .entry(location, frame.token, key.compacted(), isIntact: bodyIsIntact))
            case .damage(let range):
                scanned.items.append(.damage(range))
            }
        }
        if segment.header.kind == .merged {
            durableSequence = max(durableSequence, scanned.highestSequence)
        }
        return scanned
    }

    /// Takes a segment's entry into the index, or counts it as dead.
    func take(_ location: LogLocation, key: Key, token: Token, in segment: LogSegment) {
        segment.note(sequence: location.sequence)
        lastSequence = max(lastSequence, location.sequence)
        let isRemoval = location.flags.contains(.removal)
        if isRemoval { segment.removalBytes += Int(location.length) } else { segment.liveBytes += Int(location.length) }
        if let known = index.value(for: key, token: token) {
            if known.sequence >= location.sequence {
                if !isRemoval { segment.forget(location) }
                return
            }
            if !known.flags.contains(.removal) { self.segment(known.segment)?.forget(known) }
        }
        index.insert(location, for: key, token: token)
    }

    /// Segments that were begun and never written to, as far as the disk tells.
    private func removeEmpty() throws {
        for segment in segments where segment.header.kind == .appended && segment.size <= segment.header.length {
            closeFile(of: segment)
            try disk.remove(path(segment.number, .log))
        }
        segments.removeAll { $0.header.kind == .appended && $0.size <= $0.header.length }
    }

    /// Removal entries were in the index only to outdo older puts.
    private func forgetRemovals() {
        var removed: [(Key, Token)] = []
        for bucket in 0..<index.bucketCount {
            for entry in index.entries(inBucket: bucket) {
                if entry.value.flags.contains(.removal) { removed.append((entry.key, entry.token)) }
                if entry.value.isTombstone { counts.tombstones += 1 }
            }
        }
        for (key, token) in removed { index.remove(key, token: token) }
    }

    /// What was read, and the names it was read under, may be in the page cache only: a process that was killed left
    /// them there. And after a cut, no later write may meet what was cut off.
    ///
    /// A sync that failed in an earlier life may have marked pages as clean that never reached the disk, so that another
    /// sync would write nothing and succeed (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC
    /// 2020). What no frame tells to be durable is therefore written once more, as it is and where it is.
    private func makeDurable(_ scanned: [ScannedSegment]) throws {
        for found in scanned where segment(found.segment.number) === found.segment && !found.items.isEmpty {
            let file = try file(of: found.segment)
            if var offset = found.start(after: durableSequence) {
                while offset < found.segment.size {
                    let count = min(LogEngine.rewriteBytes, found.segment.size - offset)
                    try file.write(try file.read(at: offset, count: count), at: offset)
                    offset += count
                }
            }
            try file.sync()
        }
        try disk.syncFolder(folder)
    }

    private static let rewriteBytes = 1 << 20

    /// Goes on with the last appended segment while it is small, so that restarts do not multiply files.
    private func resumeAppending() {
        guard let last = segments.last(where: { $0.header.kind == .appended }), !last.headerIsDamaged,
            last.size < settings.segmentSize.bytes / 2, !last.isCutShort
        else { return }
        active = last
        if last.hint == .written { last.hint = .missing }
    }
}
