import Logging
import NIOCore
import NIOPosix
package import NodeCore
import Replication
import StatorCore
import Storage

extension NodeRuntime {
    /// Takes the data folder, makes this start's identity durable, opens the engines, listens for peers, starts the
    /// machines. A node starts once; after a failure, and after ``stop()``, a new runtime is made.
    /// - Throws: ``StartError``, with nothing left behind: no lock, no listener, no thread.
    package func start() async throws(StartError) {
        guard (1...WireShards.maximum).contains(blueprint.shards) else {
            throw .impossibleShards(blueprint.shards, maximum: WireShards.maximum)
        }
        let isFirst = lifecycle.withLock { lifecycle in
            defer { lifecycle.hasStarted = true }
            return !lifecycle.hasStarted
        }
        guard isFirst else { throw .alreadyStarted }
        fileThread.start()
        do {
            try await open()
        } catch {
            await abandon()
            throw error
        }
        logger.info(
            "node \(node) of cluster \(blueprint.cluster) started on \(blueprint.member.peerEndpoint) with \(shards.count) shards"
        )
    }

    private func open() async throws(StartError) {
        let folder = try await openFolder()
        lifecycle.withLock { $0.folder = folder }
        for driver in shards { try await openEngines(of: driver, in: folder) }
        let noRoom = try await onFileThread { () throws(StartError) in
            try folder.noteStoresOpened()
            return folder.renewReserve()
        }
        if let noRoom { logger.warning("the node starts, but its disk may take no writes now: \(noRoom)") }
        let identity = folder.identity
        if folder.isCopy {
            logger.warning(
                "data folder \(dataFolder) is a copy, or was put back from one: the node recovers what it owns")
        }
        logDoubts(identity)

        let view = folder.firstView(of: blueprint)
        if let difference = folder.differingMembers(of: blueprint) { logger.warning("\(difference)") }
        let card = NodeCard(blueprint: blueprint, generation: identity.generation, view: view)
        let reception = Reception(
            card: card, counters: counters, faults: faults, shards: shards, membership: membership, logger: logger)
        let listener = try await PeerListener.open(
            at: blueprint.member.peerEndpoint, group: group, reception: reception)
        lifecycle.withLock {
            $0.listener = listener
            $0.reception = reception
        }
        await startMachines(folder, identity, card)
    }

    private func openFolder() async throws(StartError) -> DataFolder {
        let (path, blueprint, disk) = (dataFolder, blueprint, disk)
        return try await onFileThread { () throws(StartError) in
            var random = SystemRandomNumberGenerator()
            return try DataFolder.open(
                path, for: blueprint, disk: disk, life: random.next(), wallSeconds: SystemClock.wallSeconds)
        }
    }

    private func onFileThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StartError) -> Value
    ) async throws(StartError) -> Value {
        let done = fileThread.runIfActive(eventLoop: group.any()) { () -> Result<Value, StartError> in
            do throws(StartError) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }
        return try await StartError.unwrap(done)
    }

    private func logDoubts(_ identity: NodeIdentity) {
        for (shard, doubt) in identity.doubts.enumerated() {
            guard let doubt else { continue }
            let text =
                "shard \(shard) is in doubt, and is compared with the other owners before it counts: \(doubt.reason)"
            if doubt.cause == .new { logger.notice("\(text)") } else { logger.warning("\(text)") }
        }
    }

    private func openEngines(of driver: ShardDriver, in folder: DataFolder) async throws(StartError) {
        let (path, blueprint, shard) = (dataFolder, blueprint, driver.shard)
        let opened = driver.eventLoop.flatSubmit {
            driver.store.open {
                var random = SystemRandomNumberGenerator()
                return try (
                    records: folder.openEngine(.records, shard: shard, for: blueprint, newStoreID: random.next()),
                    hints: folder.openEngine(.hints, shard: shard, for: blueprint, newStoreID: random.next())
                )
            } deliver: { completions, failure in
                driver.storageCompleted(completions, failure: failure)
            }
        }
        do {
            try await opened.get()
        } catch let error as StartError {
            throw error
        } catch {
            throw .storage(folder: DataFolder.recordsFolder(path, shard: shard), .failed("\(error)"))
        }
    }

    /// Every driver's first event is `started`; the membership machine comes last, so that what it publishes finds
    /// shards that run.
    private func startMachines(_ folder: DataFolder, _ identity: NodeIdentity, _ card: NodeCard) async {
        let (blueprint, membership) = (blueprint, membership)
        let view = folder.firstView(of: blueprint)
        let events = makeEvents(folder, card)
        let (counters, faults) = (counters, faults)
        let state = try? await membership.eventLoop.submit {
            membership.prepare(
                blueprint: blueprint, identity: identity, view: view, witnessed: folder.witnessed,
                seed: NodeRuntime.drawSeed())
        }.get()
        guard let state else { return }
        for driver in shards {
            try? await driver.eventLoop.submit {
                driver.start(
                    blueprint: blueprint, identity: identity, state: state, seed: NodeRuntime.drawSeed(), card: card,
                    counters: counters, faults: faults, events: events)
            }.get()
        }
        try? await membership.eventLoop.submit { membership.start(events: events) }.get()
    }

    private static func drawSeed() -> UInt64 {
        var random = SystemRandomNumberGenerator()
        return random.next()
    }

    private func makeEvents(_ folder: DataFolder, _ card: NodeCard) -> NodeEvents {
        let (shards, membership, fileThread, failures, logger) = (shards, membership, fileThread, failures, logger)
        var events = NodeEvents { write, done in
            fileThread.submit { state in
                guard state == .active else { return done("the node is stopping") }
                do {
                    try write(folder)
                    done(nil)
                } catch {
                    done("\(error)")
                }
            }
        }
        events.linkChanged = { membership.linkChanged($0, $1) }
        events.rangesStreamed = { membership.rangesStreamed(shard: $0, $1) }
        events.publish = { state in
            card.follow(state.view)
            for driver in shards { driver.eventLoop.execute { driver.clusterChanged(state) } }
        }
        events.livenessChanged = { node, liveness in
            for driver in shards { driver.eventLoop.execute { driver.livenessChanged(node, liveness) } }
        }
        events.storageChanged = { shard, reason in failures.withLock { $0[shard] = reason } }
        events.recovered = { shard in
            fileThread.submit { state in
                guard state == .active else { return }
                do {
                    try folder.noteRecovered(shard: shard)
                    logger.notice("shard \(shard) has recovered what the node owns")
                } catch {
                    logger.error("that shard \(shard) has recovered could not be written: \(error)")
                }
            }
        }
        events.dotsIssued = { membership.dotsIssued($0, incarnation: $1) }
        events.grant = { grant in
            for driver in shards { driver.eventLoop.execute { driver.dotsGranted(grant) } }
        }
        events.restored = {
            for driver in shards { driver.eventLoop.execute { driver.restored() } }
        }
        let persist = events.persist
        events.dotsForgotten = { shard in
            persist({ folder throws(DiskError) in try folder.noteForgotten(shard: shard) }) { failure in
                if let failure { logger.error("forgotten dots of shard \(shard) could not be noted: \(failure)") }
            }
        }
        return events
    }
}

extension StartError {
    fileprivate static func unwrap<Value: Sendable>(
        _ future: EventLoopFuture<Result<Value, StartError>>
    ) async throws(StartError) -> Value {
        let result: Result<Value, StartError>
        do {
            result = try await future.get()
        } catch {
            throw .alreadyStarted
        }
        return try result.get()
    }
}
