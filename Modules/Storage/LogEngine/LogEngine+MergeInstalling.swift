internal import NIOCore
internal import StatorCore

extension LogEngine {
    func installMerge() throws(StorageError) -> Int {
        guard let work = merge else { return 0 }
        let output = work.output
        let bytes = work.hint.encoded(coveredBytes: output.size)
        do {
            try work.file.sync()
            try disk.rename(temporaryPath(output.number, .log), to: path(output.number, .log))
        } catch {
            abandonMerge()
            // A name given in spite of the error would outlive what it stands for.
            do {
                try disk.remove(path(output.number, .log))
            } catch {
                failure = error.description
            }
            throw .disk(error)
        }
        do {
            try disk.syncFolder(folder)
        } catch {
            // The output may be there after a crash or not; either way its inputs are, until the folder is durable.
            failure = error.description
            throw .disk(error)
        }
        output.file = work.file
        output.durableSize = output.size
        openFiles += 1
        insert(output)
        do {
            try install(bytes, of: output.number)
            output.hint = .written
        } catch {
            output.hint = .missing
        }
        guard let hint = LogHint(bytes, store: store.id, segment: output.number) else { return 0 }
        merge?.phase = .switching(hint)
        return bytes.readableBytes
    }

    /// Points the index to the output, for the records that no write has superseded meanwhile.
    func switchIndex(_ entries: LogHint, _ budget: Int) -> Int {
        guard let output = merge?.output else { return 0 }
        var hint = entries
        // Drops the one other owner, so that reading on copies nothing.
        merge?.phase = .removing
        var moved = 0
        while moved < budget {
            guard let entry = hint.next() else { return moved }
            moved += LogFrame.headLength + entry.key.bytes.readableBytes
            output.note(sequence: entry.location.sequence)
            if entry.location.flags.contains(.removal) {
                output.removalBytes += Int(entry.location.length)
                continue
            }
            let current = index.value(for: entry.key, token: entry.token)
            guard let current, current.sequence == entry.location.sequence else {
                output.lowestDeadPut = min(output.lowestDeadPut, entry.location.sequence)
                continue
            }
            segment(current.segment)?.liveBytes -= Int(current.length)
            output.liveBytes += Int(entry.location.length)
            index.insert(entry.location, for: entry.key, token: entry.token)
        }
        merge?.phase = .switching(hint)
        return moved
    }

    /// Removes the replaced files. What cannot be removed is named by the next merge again, lest a restart read it.
    func removeInputs() throws(StorageError) {
        guard let work = merge else { return }
        merge = nil
        counts.merges += 1
        for input in work.inputs { closeFile(of: input) }
        segments.removeAll { work.isInput($0.number) }
        leftovers += work.inputs.map(\.number)
        do {
            try listWithout(work.inputs)
            for number in leftovers {
                try disk.remove(path(number, .hint))
                try disk.remove(path(number, .log))
            }
            try disk.syncFolder(folder)
        } catch {
            throw .disk(error)
        }
        leftovers.removeAll()
    }

    /// A start is not to miss what goes now. The output names its inputs, so that a list that could not be written anew
    /// does no harm, unless an input stands in the same way for others.
    private func listWithout(_ inputs: [LogSegment]) throws(DiskError) {
        do {
            try writeManifest()
        } catch {
            if !manifestCanSpare(inputs) { throw error }
        }
    }
}
