internal import NIOCore
public import StatorCore

extension LogEngine {
    /// The output of a merge is synced each time this much has been written to it, rather than all at the end.
    private static let mergeSyncBytes = 4 << 20

    public func maintain(budget: ByteCount) throws(StorageError) -> Bool {
        if failure != nil { return false }
        var left = max(budget.bytes, 1)
        while left > 0 {
            guard let spent = try step(left) else { return false }
            left -= max(spent, 1)
        }
        return isManifestDue || merge != nil || hintJob != nil || segmentWithoutHint() != nil || !mergeInputs().isEmpty
    }

    /// - Returns: the bytes moved, or `nil` where there is nothing to do now.
    private func step(_ budget: Int) throws(StorageError) -> Int? {
        if isManifestDue { return try onDisk(writeManifest) }
        if hintJob != nil { return try continueHint(budget: budget) }
        if merge != nil { return try continueMerge(budget) }
        if let segment = segmentWithoutHint(), !mergeWillTake(segment) {
            try beginHint(of: segment)
            return 0
        }
        let inputs = mergeInputs()
        if !inputs.isEmpty {
            try beginMerge(of: inputs)
            return 0
        }
        return nil
    }

    /// What a merge has put in place is listed when its inputs go.
    private var isManifestDue: Bool {
        switch merge?.phase {
        case nil, .copying, .waiting: isManifestStale
        case .switching, .removing: false
        }
    }

    /// Whether a hint would be in vain.
    private func mergeWillTake(_ segment: LogSegment) -> Bool {
        mergeInputs().contains { $0 === segment }
    }

    private func beginMerge(of inputs: [LogSegment]) throws(StorageError) {
        let number = nextNumber
        nextNumber += 1
        let header = LogHeader(
            kind: .merged, sequence: durableSequence, store: store, replaced: inputs.map(\.number) + leftovers.sorted())
        let temporary = temporaryPath(number, .log)
        let file = try onDisk { () throws(DiskError) in try disk.open(temporary, creating: true) }
        let output = LogSegment(number: number, header: header, size: header.length)
        merge = LogMerge(
            inputs: inputs, output: output, file: file,
            hint: LogHintBuilder(store: store.id, segment: number, highestSequence: durableSequence))
        do {
            try file.write(header.encoded(number: number), at: 0)
        } catch {
            abandonMerge()
            throw .disk(error)
        }
    }

    /// Drops a merge that has not been installed; an installed one is left as it is, which is as good.
    func abandonMerge() {
        guard let abandoned = merge else { return }
        merge = nil
        switch abandoned.phase {
        case .copying, .waiting:
            abandoned.file.close()
            try? disk.remove(temporaryPath(abandoned.output.number, .log))
        case .switching, .removing:
            break
        }
    }

    private func continueMerge(_ budget: Int) throws(StorageError) -> Int? {
        guard let phase = merge?.phase else { return nil }
        switch phase {
        case .copying:
            do {
                return try copy(budget)
            } catch {
                abandonMerge()
                throw error
            }
        case .waiting(let sequence):
            if durableSequence < sequence {
                // A job under way reports its own outcome; until then nothing is decided here.
                if sync != nil { return nil }
                try syncNow()
            }
            return try installMerge()
        case .switching(let hint): return switchIndex(hint, budget)
        case .removing:
            try removeInputs()
            return 0
        }
    }

    private func copy(_ budget: Int) throws(StorageError) -> Int {
        guard var work = merge else { return 0 }
        // One owner of the buffers, so that none is copied.
        merge = nil
        var isRefused = false
        defer { if !isRefused { merge = work } }
        var moved = 0
        while moved < budget {
            if work.reader == nil {
                guard work.position < work.inputs.count else {
                    try writeCopied(&work)
                    work.phase = .waiting(lastSequence)
                    return moved
                }
                let input = work.inputs[work.position]
                work.reader = LogFrameReader(
                    file: try file(of: input), store: store.id, segment: input.number, from: input.header.length,
                    to: input.size)
            }
            guard let bytes = try copyNext(&work) else {
                isRefused = true
                merge = work
                abandonMerge()
                return moved
            }
            moved += bytes
            if work.frames.readableBytes >= LogFrameReader.window { try writeCopied(&work) }
        }
        return moved
    }

    /// - Returns: the bytes read and written, or `nil` where the input cannot be merged.
    private func copyNext(_ work: inout LogMerge) throws(StorageError) -> Int? {
        let input = work.inputs[work.position]
        let item: LogFrameReader.Item?
        do {
            item = try work.reader?.next()
        } catch {
            throw .disk(error)
        }
        switch item {
        case .frame(let frame, let offset, let key, let bodyIsIntact):
            let location = LogLocation(frame, segment: input.number, offset: offset)
            guard isNeeded(location, key: key, token: frame.token, in: work) else { return frame.length }
            guard bodyIsIntact else {
                refuse(input)
                return nil
            }
            keep(frame, at: offset, key: key, in: &work)
            return frame.length * 2
        case .damage(let range):
            guard hasLive(in: range, of: input) else { return range.count }
            refuse(input)
            return nil
        case nil:
            work.reader = nil
            work.position += 1
            return 0
        }
    }

    /// A live record that cannot be read must go on failing its readers rather than be forgotten, so its segment stays
    /// until some of its records are replaced.
    private func refuse(_ input: LogSegment) {
        input.damagedLiveBytes = input.liveBytes
        counts.corruptRecords += 1
    }

    private func isNeeded(_ location: LogLocation, key: Key, token: Token, in work: LogMerge) -> Bool {
        let current = index.value(for: key, token: token)
        if !location.flags.contains(.removal) { return current?.sequence == location.sequence }
        if let current, current.sequence > location.sequence { return false }
        return segments.contains { $0.lowestDeadPut < location.sequence && !work.isInput($0.number) }
    }

    /// O(records); only where damage was met.
    private func hasLive(in range: Range<Int>, of segment: LogSegment) -> Bool {
        for bucket in 0..<index.bucketCount {
            for entry in index.entries(inBucket: bucket)
            where entry.value.segment == segment.number && range.contains(Int(entry.value.offset)) {
                return true
            }
        }
        return false
    }

    private func keep(_ frame: LogFrame, at offset: Int, key: Key, in work: inout LogMerge) {
        guard let bytes = work.reader?.frameBytes(frame, at: offset),
            let stored = bytes.getSlice(
                at: bytes.readerIndex + LogFrame.headLength + frame.keyLength, length: frame.storedLength)
        else { return }
        let output = work.output
        let target = output.size + work.frames.readableBytes
        frame.write(
            key: key.bytes, stored: stored,
            seed: LogFrame.seed(store: store.id, segment: output.number, offset: target), into: &work.frames)
        let location = LogLocation(frame, segment: output.number, offset: target)
        work.hint.add(location, key: key, token: frame.token)
    }

    private func writeCopied(_ work: inout LogMerge) throws(StorageError) {
        do {
            if work.frames.readableBytes > 0 { try work.file.write(work.frames, at: work.output.size) }
            work.output.size += work.frames.readableBytes
            work.unsyncedBytes += work.frames.readableBytes
            work.frames.clear()
            if work.unsyncedBytes >= LogEngine.mergeSyncBytes {
                try work.file.sync()
                work.unsyncedBytes = 0
            }
        } catch {
            throw .disk(error)
        }
    }
}
