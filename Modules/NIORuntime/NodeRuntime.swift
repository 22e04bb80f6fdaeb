import Hashing
package import Logging
import NIOCore
package import NIOPosix
import NodeCore
import Partitioning
package import Replication
package import StatorCore
import Storage

/// A node on real sockets and disks: the machines of a blueprint, each shard on an event loop of its own.
///
/// It is a ``NodePort`` from the beginning; before ``start()`` and after ``stop()`` requests are refused as unavailable.
package final class NodeRuntime: NodePort {
    let blueprint: NodeBlueprint
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let dataFolder: String
    let disk: any Disk
    let shards: [ShardDriver]
    /// One for each loop.
    private let couriers: [Courier]
    let membership: MembershipDriver
    let counters = RuntimeCounters()
    let faults = LinkFaults()
    private let allowsFaults: Bool
    /// Why the storage of a shard does not work now, by the shard's index.
    let failures = Locked<[Int: String]>([:])
    let lifecycle = Locked(Lifecycle())
    /// Serves the files of the data folder, which block.
    let fileThread = NIOThreadPool(numberOfThreads: 1)

    struct Lifecycle: Sendable {
        var hasStarted = false
        var hasStopped = false
        var folder: DataFolder?
        var listener: PeerListener?
        var reception: Reception?
    }

    /// - Parameters:
    ///   - dataFolder: this node's own folder; made where there is none.
    ///   - allowsFaults: whether ``inject(_:reply:)`` does what it is asked; for experiments only.
    ///   - eventLoopGroup: shard i runs on loop i, modulo the number of loops. The caller shuts it down, after ``stop()``.
    package convenience init(
        blueprint: NodeBlueprint, dataFolder: String, allowsFaults: Bool = false,
        eventLoopGroup: MultiThreadedEventLoopGroup, logger: Logger
    ) {
        self.init(
            blueprint: blueprint, dataFolder: dataFolder, allowsFaults: allowsFaults, eventLoopGroup: eventLoopGroup,
            logger: logger, disk: POSIXDisk())
    }

    init(
        blueprint: NodeBlueprint, dataFolder: String, allowsFaults: Bool = false,
        eventLoopGroup: MultiThreadedEventLoopGroup, logger: Logger, disk: any Disk
    ) {
        self.blueprint = blueprint
        self.dataFolder = dataFolder
        self.allowsFaults = allowsFaults
        self.disk = disk
        group = eventLoopGroup
        var logger = logger
        logger[metadataKey: "node"] = "\(blueprint.member.node)"
        self.logger = logger
        let loops = Array(eventLoopGroup.makeIterator())
        let shardLogger = logger
        let shards = (0..<max(blueprint.shards, 1)).map { shard in
            ShardDriver(
                shard: shard, eventLoop: loops[shard % loops.count], durability: blueprint.durability,
                logger: shardLogger)
        }
        self.shards = shards
        couriers = loops.map { Courier(eventLoop: $0, shards: shards) }
        membership = MembershipDriver(shard0: shards[0], logger: logger)
    }

    package var node: NodeID { blueprint.member.node }

    package var hashName: String { blueprint.partitioner.hash.rawValue }

    package func token(of key: Key) -> Token {
        blueprint.partitioner.hash.token(of: key)
    }

    package func submit(_ request: ClientRequest, reply: @escaping @Sendable (ClientResponse) -> Void) {
        let driver = shards[request.token.shard(of: shards.count)]
        if driver.eventLoop.inEventLoop {
            driver.submit(request, .call(reply))
        } else {
            driver.eventLoop.execute { driver.submit(request, .call(reply)) }
        }
    }

    package func submit(_ request: ClientRequest, to sink: any ReplySink, tag: UInt64) {
        let shard = shards.count == 1 ? 0 : request.token.shard(of: shards.count)
        let driver = shards[shard]
        let loop = sink.eventLoop
        if driver.eventLoop === loop {
            driver.submit(request, .sink(sink, tag: tag))
        } else if let courier = couriers.first(where: { $0.eventLoop === loop }) {
            courier.send(request, toShard: shard, sink: sink, tag: tag)
        } else {
            submit(request) { response in loop.execute { sink.answer(tag, response) } }
        }
    }

    package func administer(_ action: AdminAction, reply: @escaping @Sendable (AdminResponse) -> Void) {
        guard action == .syncNow else { return membership.administer(action, reply) }
        guard isServing else { return reply(.refused("the node is not running")) }
        for driver in shards { driver.eventLoop.execute { driver.syncNow() } }
        reply(.accepted("sync sessions with every other replica begin on \(shards.count) shards"))
    }

    package func inject(_ wanted: NetworkFaults, reply: @escaping @Sendable (AdminResponse) -> Void) {
        guard allowsFaults else {
            return reply(.refused("node \(node) was not started with --allow-faults"))
        }
        if faults.current != wanted { logger.notice("faults: \(wanted)") }
        faults.replace(wanted)
        for driver in shards { driver.eventLoop.execute { driver.faultsChanged(wanted) } }
        reply(.accepted(wanted.description))
    }

    private var isServing: Bool { lifecycle.withLock { $0.reception != nil && !$0.hasStopped } }

    package func inspect(reply: @escaping @Sendable (NodeInspection) -> Void) {
        let loop = membership.eventLoop
        let inspections = shards.map { driver in
            driver.eventLoop.flatSubmit { driver.inspect() }.hop(to: loop)
        }
        EventLoopFuture.whenAllSucceed(inspections, on: loop).whenComplete { result in
            let shards = (try? result.get()) ?? []
            reply(self.assemble(self.membership.inspect(), shards.compactMap { $0 }))
        }
    }

    private func notReadyReason(_ membership: MembershipInspection?, _ picture: NodeInspection) -> String? {
        guard isServing else { return "the node is not running" }
        guard picture.shards.count == shards.count else { return "the node is starting" }
        return membership?.notReadyReason ?? picture.standing.notReadyReason
            ?? picture.shards.lazy.compactMap(\.notReadyReason).first
    }

    /// Of the first shard whose storage does not work now.
    private var storageFailure: String? {
        let found = failures.withLock { $0.min { $0.key < $1.key } }
        return found.map { "storage of shard \($0.key): \($0.value)" }
    }

    /// On the loop of shard 0, whose links speak for all.
    private func assemble(_ membership: MembershipInspection?, _ inspections: [ShardInspection]) -> NodeInspection {
        var picture = NodeInspection(
            node: node, view: membership?.view ?? View(epoch: Epoch(0), members: []),
            placement: membership?.placement, nextPlacement: membership?.nextPlacement,
            members: membership?.members ?? [], refusedMembershipMessages: membership?.refusedMembershipMessages ?? 0,
            notReadyReason: nil, failure: storageFailure, changeStatus: membership?.changeStatus, shards: inspections,
            transport: counters.snapshot, faults: allowsFaults ? faults.current : nil,
            links: shards[0].peers?.reports ?? [],
            refusedCallers: lifecycle.withLock { $0.reception }?.refusedCallers ?? [])
        picture.notReadyReason = notReadyReason(membership, picture)
        return picture
    }
}
