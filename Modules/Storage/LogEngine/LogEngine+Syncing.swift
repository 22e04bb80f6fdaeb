internal import NIOCore
internal import StatorCore

/// A sync under way: what it covers.
struct LogSync {
    let segments: [LogSegment]
    /// How far they were written when it began.
    let sizes: [Int]
    /// All writes up to it are durable when the job has succeeded.
    let sequence: UInt64
}

/// Syncs the files with unsynced appends, oldest first, and the folder where a file was made; then it writes down up to which
/// write all is durable.
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
        // Where that fails, the manifest and the frames alone tell what is durable.
        if let tail { try? tail.file.write(tail.bytes, at: 0) }
    }
}

extension LogEngine {
    public func beginSync() throws(StorageError) -> (any SyncJob)? {
        precondition(sync == nil, "one sync at a time: report the last one with endSync first")
        if let failure { throw .failed(failure) }
        guard !dirty.isEmpty || folderIsDirty else { return nil }
        let job = try syncJob()
        sync = LogSync(segments: dirty, sizes: dirty.map(\.size), sequence: lastSequence)
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
        case .failure(let error): failure = failure ?? error.description
        }
    }

    /// Lists segments that have become durable before anybody hears of it: were one to vanish afterwards, a start would miss it.
    /// A list that cannot be written now is written in the background.
    private func list(_ synced: [LogSegment]) {
        let isNew = synced.contains { isListable($0) && manifest.segment($0.number) == nil }
        if isNew { _ = try? writeManifest() }
    }

    private func syncJob() throws(StorageError) -> LogSyncJob {
        var files: [any DiskFile] = []
        for segment in dirty { files.append(try file(of: segment)) }
        let tail = DurableTail(store: store.id, sequence: lastSequence).encoded()
        return LogSyncJob(
            files: files, disk: disk, folder: folderIsDirty ? folder : nil, tail: tailFile().map { ($0, tail) })
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
