import Logging
import NIOCore
import NIOPosix
import NodeCore
import Replication
import StatorCore
import Wire

/// The wire format's bound on shards.
enum WireShards {
    static let maximum = WireLimits.maximumShards
}

extension NodeRuntime {
    /// Refuses new requests, waits a few seconds at most for those under way, makes everything durable, records the
    /// stop as clean and gives the data folder back. Stopping twice is fine.
    package func stop() async {
        let (isFirst, folder) = lifecycle.withLock { lifecycle in
            defer { lifecycle.hasStopped = true }
            return (lifecycle.hasStarted && !lifecycle.hasStopped, lifecycle.folder)
        }
        guard isFirst, let folder else { return }
        for driver in shards { try? await driver.eventLoop.submit { driver.beginStopping() }.get() }
        await waitUntilIdle()
        await closeListener()

        let membership = membership
        try? await membership.eventLoop.submit { membership.end() }.get()
        logger.info("node \(node) syncs and closes its stores")
        await record(folder, failure: await endShards())
        folder.release()
        try? await fileThread.shutdownGracefully()
        logger.info("node \(node) stopped")
    }

    /// What a failed start has opened so far is closed again.
    func abandon() async {
        let folder = lifecycle.withLock { lifecycle in
            lifecycle.hasStopped = true
            return lifecycle.folder
        }
        await closeListener()
        _ = await endShards()
        folder?.release()
        try? await fileThread.shutdownGracefully()
    }

    private func waitUntilIdle() async {
        let drain = StopDrain(now: SystemClock.monotonic())
        while true {
            var areIdle = true
            for driver in shards {
                let isIdle = (try? await driver.eventLoop.submit { driver.isIdle }.get()) ?? true
                areIdle = areIdle && isIdle
            }
            switch drain.look(areShardsIdle: areIdle, now: SystemClock.monotonic()) {
            case .isIdle: return
            case .isOver:
                let bound = Int(NodeCoreLimits.stopBound.milliseconds)
                return logger.warning("client requests are still under way after \(bound) ms: they are given up")
            case .wait: try? await Task.sleep(nanoseconds: UInt64(NodeCoreLimits.stopPoll.nanoseconds))
            }
        }
    }

    private func closeListener() async {
        let (listener, reception) = lifecycle.withLock { ($0.listener, $0.reception) }
        reception?.close()
        await listener?.close()
    }

    private func endShards() async -> String? {
        var failure: String?
        for driver in shards {
            if let found = try? await driver.eventLoop.flatSubmit({ driver.end() }).get() {
                failure = found
                logger.error("shard \(driver.shard) could not be closed cleanly: \(found)")
            }
        }
        return failure
    }

    private func record(_ folder: DataFolder, failure: String?) async {
        let logger = logger
        try? await fileThread.runIfActive(eventLoop: group.any()) {
            do {
                try folder.noteStop(failure: failure)
            } catch {
                logger.error("the clean stop could not be recorded: \(error)")
            }
        }.get()
    }
}
