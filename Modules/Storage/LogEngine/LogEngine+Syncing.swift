internal import NIOCore
internal import StatorCore

/// A sync under way: what it covers.
struct LogSync {
    let segments: [LogSegment]
    /// How far they were written when it began.
    let sizes: [Int]
    /// All writes up to it are durable when the job has succeeded.
    let sequence: UInt64
    /// What the job then writes into the file that says so.
    var tail: DurableTail?
}

/// Syncs the files with unsynced appends, oldest first, and the folder where a file was made; then it writes down how far they
/// are durable.
struct LogSyncJob: SyncJob {
    let files: [any DiskFile]
    let disk: any Disk
    let folder: String?
    var tail: (file: any DiskFile, bytes: ByteBuffer)?

    func run() throws(StorageError) {
        do {
            for file in files { try file.sync() }
            if let folder { try disk.syncFolder(folder) }
        } catch {
            throw .disk(error)
        }
        // Where that fails, the manifest alone tells how far the log is durable.
        if let tail { try? tail.file.write(tail.bytes, at: 0) }
    }
}

extension LogEngine {
    public func beginSync() throws(StorageError) -> (any SyncJob)? {
        precondition(sync == nil, "one sync at a time: report the last one with endSync first")
        if let failure { throw .failed(failure) }
        guard !dirty.isEmpty || folderIsDirty else { return nil }
        var job = try syncJob()
        var begun = LogSync(segments: dirty, sizes: dirty.map(\.size), sequence: lastSequence)
        begun.tail = tail(after: begun)
        if let tail = begun.tail, let file = tailFile() { job.tail = (file, tail.encoded(store: store.id)) }
        sync = begun
        dirty.removeAll()
        folderIsDirty = false
        return job
    }

    public func endSync(_ outcome: Result<Void, StorageError>) {
        guard let ended = sync else { return }
        sync = nil
        switch outcome {
        case .success:
            durableSequence = max(durableSequence, ended.sequence)
            for (segment, size) in zip(ended.segments, ended.sizes) {
                segment.durableSize = max(segment.durableSize, size)
            }
            list(ended.segments)
            noteTail(ended)
        case .failure(let error): failure = failure ?? error.description
        }
    }

    /// Lists segments that have become durable before anybody hears of it: were one to vanish afterwards, a start would miss it.
    /// So are full ones that have grown: ``DurableTail`` tells of the last segment only. A list that cannot be written now is
    /// written in the background.
    private func list(_ synced: [LogSegment]) {
        let isDue = synced.contains { segment in
            guard isListable(segment) else { return false }
            guard let listed = manifest.segment(segment.number) else { return true }
            return segment !== active && listed.length < segment.durableSize
        }
        if isDue { _ = try? writeManifest() }
    }

    /// The manifest was written anew while the sync was under way, and does not list what it made durable.
    private func noteTail(_ ended: LogSync) {
        guard let written = ended.tail, written.manifest != manifest.checksum, let tail = tail(after: ended),
            manifest.segment(tail.segment).map({ $0.length < tail.length }) ?? false
        else { return }
        try? tailFile()?.write(tail.encoded(store: store.id), at: 0)
    }

    private func syncJob() throws(StorageError) -> LogSyncJob {
        var files: [any DiskFile] = []
        for segment in dirty { files.append(try file(of: segment)) }
        return LogSyncJob(files: files, disk: disk, folder: folderIsDirty ? folder : nil)
    }

    /// Makes all writes durable before it returns, those of a job under way included.
    func syncNow() throws(StorageError) {
        if let sync {
            dirty = sync.segments + dirty.filter { segment in !sync.segments.contains { $0 === segment } }
            folderIsDirty = true
        }
        do {
            try syncJob().run()
        } catch {
            failure = failure ?? error.description
            throw error
        }
        for segment in dirty { segment.durableSize = segment.size }
        let synced = dirty
        dirty.removeAll()
        folderIsDirty = false
        durableSequence = lastSequence
        list(synced)
    }
}
