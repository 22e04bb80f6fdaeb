internal import NIOConcurrencyHelpers
internal import NIOCore
package import Replication
package import StatorCore
package import Storage

/// A node's folder: lock, identity, view, what it witnesses of others, and one folder for each shard's engines.
///
/// Blocks: used on the node's file thread, one call at a time. Whatever it changes is durable when the call returns.
package final class DataFolder: Sendable {
    static let lockName = "lock"
    static let identityName = "identity"
    static let witnessName = "witness"
    static let viewName = "view"
    static let reserveName = "reserve"
    static let viewKind = "STVW"
    static let viewFormat: UInt8 = 2

    package let path: String
    /// The last agreed view that was stored, if any.
    package let view: View?
    /// The leases of others that this node has witnessed.
    package let witnessed: WitnessBook
    /// The folder is a copy of another one, or was put back from one.
    package let isCopy: Bool
    private let disk: any Disk
    private let lock: any DiskLock
    private let stored: NIOLockedValueBox<StoredIdentity>

    private init(
        path: String, disk: any Disk, lock: any DiskLock, stored: StoredIdentity, view: View?, witnessed: WitnessBook,
        isCopy: Bool
    ) {
        self.witnessed = witnessed
        self.isCopy = isCopy
        self.path = path
        self.disk = disk
        self.lock = lock
        self.stored = NIOLockedValueBox(stored)
        self.view = view
    }

    package var identity: NodeIdentity { stored.withLockedValue { $0.identity } }

    package static func recordsFolder(_ path: String, shard: Int) -> String { "\(path)/shard-\(shard)/records" }
    package static func hintsFolder(_ path: String, shard: Int) -> String { "\(path)/shard-\(shard)/hints" }

    /// Opens one engine of a shard. Where its store is damaged or gone, the shard is in doubt from now on, durably, before
    /// the store takes it for its state. Blocks.
    /// - Parameter newStoreID: random, for a store that is made now.
    package func openEngine(
        _ store: StoreName, shard: Int, for blueprint: NodeBlueprint, newStoreID: UInt64
    ) throws(StartError) -> any StorageEngine {
        let folder =
            store == .records
            ? DataFolder.recordsFolder(path, shard: shard) : DataFolder.hintsFolder(path, shard: shard)
        let environment = StorageEnvironment(
            disk: disk, folder: folder,
            owner: "the \(store) of shard \(shard) of node \(blueprint.member.node) of cluster \(blueprint.cluster)",
            newStoreID: newStoreID, durableFile: "\(path)/durable-\(shard)-\(store)")
        do {
            try noteOpening(of: store, in: folder, shard: shard)
            let engine = try blueprint.makeStorage(environment)
            let finding = engine.finding
            if finding != .whole {
                try note(finding, of: store, shard: shard)
                // Where the disk is full the next start finds the same again.
                try? engine.acknowledgeFinding()
            }
            return engine
        } catch let error as StorageError {
            throw .storage(folder: folder, error)
        } catch let error as DiskError {
            throw .folderUnusable(path, error)
        } catch {
            throw .storage(folder: folder, .failed("\(error)"))
        }
    }

    private func note(_ finding: StorageFinding, of store: StoreName, shard: Int) throws(DiskError) {
        let found = stored.withLockedValue { $0.doubt(of: store, finding) }
        if let found { try note(found, shard: shard) }
    }

    private func note(_ found: Doubt, shard: Int) throws(DiskError) {
        try update { stored in
            stored.identity.doubt(found, shard: shard)
            // Nothing goes on with a lease whose records are gone; damaged ones have forgotten dots of it.
            if found.cause == .lost { stored.identity.lease = nil }
            stored.identity.forget(shard: shard)
        }
    }

    /// The store says from now on that this start opened it. One that was opened last by a start of which the identity
    /// does not know, or that is a copy, was put back.
    private func noteOpening(of store: StoreName, in folder: String, shard: Int) throws(DiskError) {
        let (hasStores, openings, life) = stored.withLockedValue { ($0.hasStores, $0.openings, $0.identity.life) }
        if hasStores, let doubt = try StoreOpening.doubt(of: store, in: folder, disk: disk, known: openings) {
            try note(doubt, shard: shard)
        }
        try DiskReserve.spending(in: path, disk: disk) { () throws(DiskError) in
            try StoreOpening.write(life, in: folder, disk: disk)
        }
    }

    /// All stores of the node are open: one that is missing at a later start was lost, and one that an earlier start opened last
    /// was put back.
    package func noteStoresOpened() throws(StartError) {
        try DataFolder.usable(path) { () throws(DiskError) in
            try update { stored in
                stored.hasStores = true
                stored.openings = [stored.identity.life]
            }
        }
    }

    /// Locks the folder, checks whose it is, and makes this start's identity durable.
    ///
    /// - Parameter life: this start's number, random.
    package static func open(
        _ path: String, for blueprint: NodeBlueprint, disk: any Disk, life: UInt64, wallSeconds: UInt64
    ) throws(StartError) -> DataFolder {
        let lock = try take(path, disk: disk)
        do {
            let found = try readIdentity(path, disk: disk)
            let (previous, isCopy) = (found?.identity, found?.isCopy ?? false)
            if let previous { try previous.check(against: blueprint, path: path) }
            if previous == nil { try refuseUnknownData(path, disk: disk) }
            let next = StoredIdentity.next(
                after: previous, for: blueprint, isCopy: isCopy, life: life, wallSeconds: wallSeconds)
            var storedView = try readView(path, disk: disk)
            // It was never let in with these members, and a file that was put right counts.
            if storedView?.epoch == View.first, previous?.wasLetIn != true { storedView = nil }
            let folder = DataFolder(
                path: path, disk: disk, lock: lock, stored: next, view: storedView,
                witnessed: isCopy ? WitnessBook() : try readWitnessed(path, disk: disk), isCopy: isCopy)
            try usable(path) { () throws(DiskError) in
                try folder.writeIdentity(next)
                if storedView == nil, let founded = blueprint.foundedView { try folder.write(founded) }
                for shard in 0..<blueprint.shards {
                    try disk.createFolder(recordsFolder(path, shard: shard))
                    try disk.createFolder(hintsFolder(path, shard: shard))
                    try disk.syncFolder("\(path)/shard-\(shard)")
                }
                try disk.syncFolder(path)
            }
            return folder
        } catch {
            lock.release()
            throw error
        }
    }

    /// Changes the identity.
    package func update(_ change: (inout StoredIdentity) -> Void) throws(DiskError) {
        let changed = stored.withLockedValue { stored in
            change(&stored)
            return stored
        }
        try writeIdentity(changed)
    }

    /// Sets aside what the next start may need on a full disk.
    /// - Returns: why that is not possible now, such as a disk that is full already.
    package func renewReserve() -> DiskError? {
        do {
            try DiskReserve.renew(in: path, disk: disk)
            return nil
        } catch {
            return error
        }
    }

    /// The file says which file it is.
    private func writeIdentity(_ stored: StoredIdentity) throws(DiskError) {
        try DiskReserve.spending(in: path, disk: disk) { () throws(DiskError) in
            try SealedFile.write(to: DataFolder.identityName, in: path, disk: disk) { origin in
                var stored = stored
                stored.origin = origin
                return stored.encoded()
            }
        }
    }

    /// The stop was clean: all that was written is durable.
    package func noteCleanStop() throws(DiskError) {
        try update { $0.isClean = true }
    }

    /// Dots are issued under this lease from now on.
    package func write(_ lease: DotLease) throws(DiskError) {
        try update { stored in
            if stored.identity.lease?.incarnation != lease.incarnation {
                // Dots of this incarnation may have been forgotten before it came here.
                stored.identity.forgotAt = stored.identity.forgotAt.map { _ in lease.end }
            }
            stored.identity.lease = lease
            stored.wasLetIn = true
            stored.identity.lives = Array(stored.identity.lives.suffix(1))
        }
    }

    package func write(_ book: WitnessBook) throws(DiskError) {
        try DiskReserve.spending(in: path, disk: disk) { () throws(DiskError) in
            try SealedFile.write(book.encoded(), to: DataFolder.witnessName, in: path, disk: disk)
        }
    }

    /// The records of a shard may have forgotten dots of the lease.
    package func noteForgotten(shard: Int) throws(DiskError) {
        try update { $0.identity.forget(shard: shard) }
    }

    /// The folder is an older copy: every shard is to recover what the node owns.
    package func noteRestored() throws(DiskError) {
        try update { $0.identity.doubt(.olderCopy) }
    }

    /// A shard that was in doubt holds what the node owns.
    package func noteRecovered(shard: Int) throws(DiskError) {
        try update { $0.identity.doubts[shard] = nil }
    }

    /// What a start takes for the agreed view: the last stored one, or the configured members at the first start.
    ///
    /// The members that a cluster began with are stored at the first start, where members can change: from then on they change by
    /// joining and leaving only, and what a configuration says of names, zones and weights no longer counts. Until the ring
    /// has changed it still says at what addresses they are.
    package func firstView(of blueprint: NodeBlueprint) -> View {
        guard let view else { return View(epoch: View.first, members: blueprint.initialMembers) }
        guard view.epoch == View.first else { return view }
        let configured = View(epoch: View.first, members: blueprint.initialMembers)
        return View(
            epoch: View.first,
            members: view.members.map { member in
                guard let found = configured.member(member.node) else { return member }
                var member = member
                member.peerEndpoint = found.peerEndpoint
                member.httpEndpoint = found.httpEndpoint
                member.respEndpoint = found.respEndpoint
                return member
            })
    }

    /// - Returns: a sentence on how what is configured differs from the members that count.
    package func differingMembers(of blueprint: NodeBlueprint) -> String? {
        guard let view else { return nil }
        func placed(_ members: [Member]) -> [String] {
            members.map { "\($0.node.name) (zone \"\($0.zone)\", weight \($0.weight))" }
        }
        guard view.epoch == View.first else {
            // Whom a file lists are then only those to begin with; of itself a node says more.
            guard let agreed = view.member(blueprint.member.node),
                agreed.zone != blueprint.member.zone || agreed.weight != blueprint.member.weight
            else { return nil }
            let (configured, counting) = (placed([blueprint.member])[0], placed([agreed])[0])
            return "the configuration has \(configured), but \(counting) was agreed on and counts"
        }
        let (ours, theirs) = (placed(view.members), placed(blueprint.initialMembers))
        let extra = theirs.filter { !ours.contains($0) }
        let missing = ours.filter { !theirs.contains($0) }
        if extra.isEmpty, missing.isEmpty { return nil }
        return
            "cluster.members has \(DataFolder.listed(extra)), and lacks \(DataFolder.listed(missing)) of the members that the "
            + "cluster began with: these count, and change by join and leave"
    }

    private static func listed(_ members: [String]) -> String {
        if members.isEmpty { return "nobody" }
        return members.prefix(4).joined(separator: ", ") + (members.count > 4 ? " and \(members.count - 4) more" : "")
    }

    package func write(_ view: View) throws(DiskError) {
        // Whoever gains or gives away ranges may forget dots.
        if let end = identity.lease?.end {
            try update { $0.identity.forgotAt = $0.identity.forgotAt.map { _ in end } }
        }
        var content = ByteBuffer()
        content.writeView(view)
        let bytes = SealedFile.seal(content, kind: DataFolder.viewKind, format: DataFolder.viewFormat)
        try DiskReserve.spending(in: path, disk: disk) { () throws(DiskError) in
            try SealedFile.write(bytes, to: DataFolder.viewName, in: path, disk: disk)
        }
    }

    package func release() {
        lock.release()
    }
}
