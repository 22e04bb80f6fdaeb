internal import NIOCore
internal import StatorCore

/// Marker and manifest: which store this is, and what a start must find of it.
extension LogEngine {
    // MARK: The marker

    /// Settles which store this is, before any frame is read.
    ///
    /// The marker tells. Where it is lost, the headers of the segments do: what they hold is as readable as before, and in
    /// doubt. A folder with neither is a new store.
    func openStore() throws {
        let ownerHash = StoreIdentity(id: 0, owner: owner).ownerHash
        let reading = try readMarker()
        let ours = segments.last { !$0.headerIsDamaged && $0.header.store.ownerHash == ownerHash }?.header.store.id
        let isNew = reading == .missing && ours == nil
        switch reading {
        case .intact(let id, owner): store = StoreIdentity(id: id, ownerHash: ownerHash)
        case .intact(_, let other):
            damage.note("the marker is that of \(other)")
            store = StoreIdentity(id: ours ?? newStoreID, ownerHash: ownerHash)
        case .missing, .damaged: store = StoreIdentity(id: ours ?? newStoreID, ownerHash: ownerHash)
        }
        if reading == .damaged { damage.note("the marker is damaged") }
        if reading == .missing, ours != nil { damage.note("the marker is missing") }
        try setForeignAside()
        try readManifest(isNew: isNew)
        if isNew, damage.isNone { manifest.isNew = true }
        guard reading != .intact(id: store.id, owner: owner) else { return }
        do {
            // What was found is durable before the marker is whole again.
            var noted = manifest
            noted.damage = damage
            try write(noted)
            try replaceFile(StoreMarker.name, with: StoreMarker.encoded(id: store.id, owner: owner))
        } catch {
            // Frames of a store without a marker would be lost with the headers.
            if isNew { throw error }
        }
    }

    private func readMarker() throws(DiskError) -> StoreMarker.Reading {
        guard let found = try readFile(StoreMarker.name, maximum: StoreMarker.maximumBytes) else { return .missing }
        return StoreMarker.read(found.bytes)
    }

    /// Segments of other stores keep their bytes under a name that no start reads.
    private func setForeignAside() throws(DiskError) {
        for segment in segments where !segment.headerIsDamaged && segment.header.store != store {
            let path = path(segment.number, .log)
            damage.note("\(path) is a segment of another store", bytes: segment.size)
            try disk.rename(path, to: path + LogEngine.foreignEnding)
        }
        segments.removeAll { !$0.headerIsDamaged && $0.header.store != store }
    }

    static let foreignEnding = ".foreign"

    // MARK: The manifest

    private func readManifest(isNew: Bool) throws {
        let found = try readFile(StoreManifest.name, maximum: .max)
        if let found, let read = StoreManifest(found.bytes, store: store.id) {
            manifest = read
            damage.add(read.damage)
            if let written = read.origin, let origin = found.origin, written != origin {
                if !damage.isCopy { damage.note("\(folder) is a copy, or was put back from one") }
                damage.isCopy = true
            }
        } else if found != nil, !isNew {
            damage.note("the list of segments is damaged")
        } else if found == nil, !isNew {
            damage.note("the list of segments is missing")
        } else if !segments.isEmpty || hasOrphanedHints || found.map({ !StoreManifest.isOfNothing($0.bytes) }) ?? false
        {
            damage.note("the marker is missing")
        }
        durableSequence = max(durableSequence, manifest.durableSequence)
    }

    /// What is listed is there, at least so far, unless a merge has taken its place.
    func compareWithManifest() {
        let replaced = Set(segments.flatMap(\.header.replaced))
        for listed in manifest.segments where !replaced.contains(listed.number) {
            let path = path(listed.number, .log)
            guard let found = segment(listed.number) else {
                damage.note("\(path) is missing", bytes: listed.length)
                continue
            }
            if found.size < listed.length {
                damage.note("\(path) is cut short", bytes: listed.length - found.size)
            } else if found.headerIsDamaged {
                found.damagedBytes += found.header.length
            }
        }
    }

    /// Damage inside of segments that no earlier start has reported.
    func noteDamagedSegments() {
        for segment in segments where segment.damagedBytes > 0 {
            let known = manifest.segment(segment.number)?.damagedBytes ?? 0
            guard segment.damagedBytes > known else { continue }
            damage.note(
                "\(path(segment.number, .log)) is damaged", records: segment.damagedRecords,
                bytes: segment.damagedBytes - known)
        }
    }

    /// Whether a segment is durable, or gone, and the manifest does not say so yet.
    var isManifestStale: Bool {
        var listed = 0
        for segment in segments where isListable(segment) {
            guard let entry = manifest.segment(segment.number) else { return true }
            // The one that is written to is listed again each time that it has grown by a third.
            let due = segment === active ? segment.durableSize * 3 / 4 : segment.durableSize
            if entry.length < due { return true }
            listed += 1
        }
        return listed != manifest.segments.count
    }

    /// One without frames is removed by the next start.
    func isListable(_ segment: LogSegment) -> Bool { segment.durableSize > segment.header.length }

    /// Makes the manifest say what is durable now.
    /// - Returns: the bytes written.
    @discardableResult
    func writeManifest() throws(DiskError) -> Int {
        var next = StoreManifest()
        next.durableSequence = durableSequence
        next.damage = damage
        next.isNew = manifest.isNew
        for segment in segments where isListable(segment) {
            next.segments.append(
                StoreManifest.Segment(
                    number: segment.number, length: segment.durableSize,
                    damagedBytes: max(segment.damagedBytes, manifest.segment(segment.number)?.damagedBytes ?? 0)))
        }
        return try write(next)
    }

    @discardableResult
    private func write(_ next: StoreManifest) throws(DiskError) -> Int {
        var (written, size) = (next, 0)
        try replaceFile(StoreManifest.name) { origin in
            written.origin = origin
            let bytes = written.encoded(store: store.id)
            size = bytes.readableBytes
            return bytes
        }
        manifest = written
        return size
    }

    /// Whether these files may go while the manifest on the disk is the present one: a segment that stands for listed ones
    /// which are gone has to stay until the list is written anew.
    func manifestCanSpare(_ inputs: [LogSegment]) -> Bool {
        !inputs.contains { input in input.header.replaced.contains { manifest.segment($0) != nil } }
    }

    // MARK: Findings

    public var finding: StorageFinding {
        if !damage.isNone { return .damaged(damage) }
        return manifest.isNew ? .made : .whole
    }

    public func acknowledgeFinding() throws(StorageError) {
        guard finding != .whole else { return }
        let (noted, wasNew) = (damage, manifest.isNew)
        damage = StorageDamage()
        manifest.isNew = false
        do {
            try writeManifest()
        } catch {
            damage = noted
            manifest.isNew = wasNew
            throw .disk(error)
        }
    }

    // MARK: Small files

    /// - Returns: its bytes, and which file it is; `nil` where there is none.
    private func readFile(
        _ name: String, maximum: Int
    ) throws(DiskError) -> (bytes: ByteBuffer, origin: FileOrigin?)? {
        try readFile(at: "\(folder)/\(name)", maximum: maximum)
    }

    func readFile(
        at path: String, maximum: Int
    ) throws(DiskError) -> (bytes: ByteBuffer, origin: FileOrigin?)? {
        guard try disk.exists(path) else { return nil }
        let file = try disk.open(path, creating: false)
        defer { file.close() }
        return (try file.read(at: 0, count: min(try file.size(), maximum)).slice(), try file.origin())
    }

    /// Replaces a file as a whole, durably.
    func replaceFile(_ name: String, with bytes: ByteBuffer) throws(DiskError) {
        try replaceFile(name) { _ in bytes }
    }

    /// The same with bytes that say which file they are in.
    private func replaceFile(_ name: String, _ content: (FileOrigin?) -> ByteBuffer) throws(DiskError) {
        let path = "\(folder)/\(name)"
        let temporary = path + ".tmp"
        do {
            try disk.remove(temporary)
            let file = try disk.open(temporary, creating: true)
            defer { file.close() }
            try file.write(content(try file.origin()), at: 0)
            try file.sync()
            try disk.rename(temporary, to: path)
            try disk.syncFolder(folder)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
    }
}
