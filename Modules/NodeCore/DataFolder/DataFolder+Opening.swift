internal import Hashing
internal import NIOCore
internal import Partitioning
internal import Replication
internal import StatorCore
internal import Storage

/// The steps of opening a folder.
extension DataFolder {
    static func usable<Result>(
        _ path: String, _ body: () throws(DiskError) -> Result
    ) throws(StartError) -> Result {
        do {
            return try body()
        } catch {
            throw .folderUnusable(path, error)
        }
    }

    /// Takes the lock; its file names the process that holds it.
    static func take(_ path: String, disk: any Disk) throws(StartError) -> any DiskLock {
        try usable(path) { () throws(DiskError) in try disk.createFolder(path) }
        do {
            return try disk.lock("\(path)/\(lockName)")
        } catch {
            guard error.errorNumber == DiskError.tryAgain else {
                throw .folderUnusable(path, error)
            }
            throw .folderLocked(path, process: owner(path, disk: disk))
        }
    }

    private static func owner(_ path: String, disk: any Disk) -> String? {
        guard let bytes = try? SealedFile.read(lockName, in: path, disk: disk) else { return nil }
        let digits = String(buffer: bytes).prefix { $0.isNumber }
        return digits.isEmpty ? nil : String(digits)
    }

    /// - Returns: the identity, and whether its file is a copy of the one that was written.
    static func readIdentity(
        _ path: String, disk: any Disk
    ) throws(StartError) -> (identity: StoredIdentity, isCopy: Bool)? {
        let found = try usable(path) { () throws(DiskError) in
            try SealedFile.readWithOrigin(identityName, in: path, disk: disk)
        }
        guard let found else { return nil }
        if let format = SealedFile.format(of: found.bytes, kind: StoredIdentity.kind), format != StoredIdentity.format {
            throw .otherFormat("\(path)/\(identityName)", found: format, supported: StoredIdentity.format)
        }
        do {
            let identity = try StoredIdentity.decode(found.bytes)
            let isCopy = if let written = identity.origin, let read = found.origin { written != read } else { false }
            return (identity, isCopy)
        } catch {
            throw .damagedFile("\(path)/\(identityName)", reason: "\(error)")
        }
    }

    /// What this node witnesses. One that cannot be read is as good as none: others then begin new incarnations.
    static func readWitnessed(_ path: String, disk: any Disk) throws(StartError) -> WitnessBook {
        let bytes = try usable(path) { () throws(DiskError) in
            try SealedFile.read(witnessName, in: path, disk: disk)
        }
        guard let bytes, let book = try? WitnessBook.decode(bytes) else { return WitnessBook() }
        return book
    }

    static func readView(_ path: String, disk: any Disk) throws(StartError) -> View? {
        let bytes = try usable(path) { () throws(DiskError) in try SealedFile.read(viewName, in: path, disk: disk) }
        guard let bytes else { return nil }
        do {
            var content = try SealedFile.open(bytes, kind: viewKind, format: viewFormat)
            let view = try content.readView()
            try content.expectEnd("the file")
            return view
        } catch {
            throw .damagedFile("\(path)/\(viewName)", reason: "\(error)")
        }
    }

    /// The identity is durable before any engine writes, so data without one is not this node's.
    static func refuseUnknownData(_ path: String, disk: any Disk) throws(StartError) {
        let names = try usable(path) { () throws(DiskError) in try disk.list(path) }
        if names.contains(where: { $0.hasPrefix("shard-") }) || names.contains(viewName) {
            throw .dataWithoutIdentity(path)
        }
    }
}

extension StoredIdentity {
    /// - Throws: ``StartError`` where the folder is another node's or of other settings.
    func check(against blueprint: NodeBlueprint, path: String) throws(StartError) {
        guard cluster == blueprint.cluster, node == blueprint.member.node else {
            throw .foreignFolder(path, node: node, cluster: cluster)
        }
        let pairs = [
            ("partitioner", partitioner, blueprint.partitionerText),
            ("replication.n", "\(replicas)", "\(blueprint.replication.replicas)"),
            ("hash", hash, blueprint.partitioner.hash.rawValue),
            ("conflictResolver", conflictResolver, blueprint.kinds.conflictResolver),
            ("storage", storage, blueprint.kinds.storage),
            ("shards", "\(shards)", "\(blueprint.shards)"),
        ]
        for (setting, found, configured) in pairs where found != configured {
            throw .settingChanged(path, setting: setting, folder: found, configured: configured)
        }
    }

    /// The identity of this start, unclean from now on. It has the last lease unless the folder is a copy. What the stores
    /// hold is looked at later, and where it is less than it should be that lease is given up or forgotten; see
    /// ``DataFolder/openEngine(_:shard:for:newStoreID:)``.
    static func next(
        after previous: StoredIdentity?, for blueprint: NodeBlueprint, isCopy: Bool, life: UInt64, wallSeconds: UInt64
    ) -> StoredIdentity {
        let past = previous?.identity
        let newDoubt = Doubt(.new, "its data folder is new")
        var identity = NodeIdentity(
            generation: max((past?.generation ?? 0) &+ 1, wallSeconds), folder: past?.folder ?? life,
            doubts: past?.doubts ?? Array(repeating: newDoubt, count: blueprint.shards),
            lives: Array(((past?.lives ?? []) + [life]).suffix(NodeIdentity.rememberedLives)))
        if isCopy { identity.doubt(Doubt(.restored, "its data folder is a copy, or was put back from one")) }
        if let previous, let past, !isCopy, let lease = past.lease {
            // After a clean stop nothing is missing: a start since then would have taken another lease. What is there after
            // any other stop may be a snapshot of a volume from before the last writes of the same life.
            identity.lease = lease
            identity.forgotAt = (0..<blueprint.shards).map { shard in
                previous.isClean && identity.doubts[shard] == nil ? past.forgotAt[shard] : lease.end
            }
        }
        return StoredIdentity(
            cluster: blueprint.cluster, node: blueprint.member.node, partitioner: blueprint.partitionerText,
            replicas: blueprint.replication.replicas, hash: blueprint.partitioner.hash.rawValue,
            conflictResolver: blueprint.kinds.conflictResolver, storage: blueprint.kinds.storage, isClean: false,
            hasStores: previous?.hasStores ?? false, wasLetIn: previous?.wasLetIn ?? false,
            openings: Array(((previous?.openings ?? []) + [life]).suffix(NodeIdentity.rememberedLives)),
            identity: identity)
    }

    /// What opening a store has found, as a doubt of its shard.
    func doubt(of store: StoreName, _ finding: StorageFinding) -> Doubt? {
        switch finding {
        case .whole: nil
        case .made: hasStores ? Doubt(.lost, "its \(store) are gone") : nil
        case .damaged(let damage) where damage.isCopyAlone:
            Doubt(.restored, "its \(store) are a copy, or were put back")
        case .damaged(let damage): Doubt(.damaged, "its \(store) are damaged: \(damage)")
        }
    }
}
