public import NIOCore
import NIOPosix
import StatorCore
import Synchronization

/// A client of a Stator cluster, to be used from any task.
///
/// ```swift
/// let client = try await StoreClient.connect(seeds: ["127.0.0.1:6400"])
/// try await client.put("greeting", "hello")
/// print(try await client.get("greeting").text ?? "nothing")
/// await client.close()
/// ```
///
/// It learns from the seeds which nodes hold which keys, sends each operation to one of the key's replicas over
/// connections that carry many operations at once, and goes to another node where one fails. Everything of a client
/// runs on one event loop; a program that needs more than one core for it opens several clients.
///
/// A client that is released without ``close()`` closes itself.
public final class StoreClient: Sendable {
    let core: NIOLoopBound<ClientCore>
    let configuration: ClientConfiguration
    private let lastID = Atomic<UInt64>(0)
    /// So that nothing is given to an event loop that may have ended since.
    private let isClosed = Atomic<Bool>(false)

    private init(_ core: NIOLoopBound<ClientCore>, _ configuration: ClientConfiguration) {
        self.core = core
        self.configuration = configuration
    }

    deinit {
        guard !isClosed.load(ordering: .acquiring) else { return }
        let core = core
        core.eventLoop.execute { _ = core.value.shutDown() }
    }

    /// Connects to a cluster: asks the seeds for the ring until one answers, within the configured time.
    ///
    /// - Parameters:
    ///   - seeds: nodes to ask first, as `host:port`; without a port it is ``NodeAddress/defaultPort``. A few of the
    ///     cluster's nodes will do.
    ///   - eventLoopGroup: where it runs, on one loop: a group of NIOPosix, the process's own if none is given.
    /// - Throws: `invalidArgument`, `notConnected` or `deadlineExceeded`.
    public static func connect(
        seeds: [String], configuration: ClientConfiguration = ClientConfiguration(),
        eventLoopGroup: (any EventLoopGroup)? = nil
    ) async throws(StatorClientError) -> StoreClient {
        try configuration.validate()
        guard !seeds.isEmpty else { throw .invalidArgument("there are no seeds, at least one node is needed") }
        var addresses: [NodeAddress] = []
        for seed in seeds {
            guard let address = NodeAddress(seed) else {
                throw .invalidArgument("the seed '\(seed)' is no address, as host:port is")
            }
            addresses.append(address)
        }
        let (eventLoop, known) = ((eventLoopGroup ?? NIOSingletons.posixEventLoopGroup).next(), addresses)
        let core = await withCheckedContinuation { continuation in
            eventLoop.execute {
                let core = ClientCore(seeds: known, configuration: configuration, eventLoop: eventLoop)
                continuation.resume(returning: NIOLoopBound(core, eventLoop: eventLoop))
            }
        }
        let client = StoreClient(core, configuration)
        guard let failure = await client.fetchRing() else { return client }
        await client.close()
        throw failure
    }

    /// Ends the client: operations under way fail with ``StatorClientError/closed(outcomeUnknown:)``, connections are
    /// closed when it returns.
    public func close() async {
        let core = core
        await withCheckedContinuation { continuation in
            core.eventLoop.execute {
                core.value.shutDown().whenComplete { _ in continuation.resume() }
            }
        }
        isClosed.store(true, ordering: .releasing)
    }

    /// What the client has done so far, and does now.
    public func statistics() async -> ClientStatistics {
        let core = core
        return await withCheckedContinuation { continuation in
            core.eventLoop.execute { continuation.resume(returning: core.value.statistics) }
        }
    }
}

/// Across to the event loop.
extension StoreClient {
    /// Carries one operation out; cancelling the task ends it.
    func run(_ request: Request) async -> Result<Reply, StatorClientError> {
        if Task.isCancelled { return .failure(.cancelled(outcomeUnknown: false)) }
        return await onLoop(idCount: 1) { core, id, continuation in
            core.submit(request, id: id) { continuation.resume(returning: $0) }
        }
    }

    /// Carries many out.
    /// - Returns: their outcomes in the order of the requests.
    func run(_ requests: [Result<Request, StatorClientError>]) async -> [Result<Reply, StatorClientError>] {
        await onLoop(idCount: 1 + requests.count) { core, id, continuation in
            let batch = BatchRun(requests, firstID: id + 1, core: core) { continuation.resume(returning: $0) }
            core.begin(batch, id: id)
        }
    }

    private func fetchRing() async -> StatorClientError? {
        await onLoop(idCount: 1) { core, id, continuation in
            core.fetchRing(id: id) { continuation.resume(returning: $0) }
        }
    }

    /// - Parameters:
    ///   - idCount: how many numbers of operations are used up, from the one that the body is given.
    ///   - body: runs on the loop, and sees to it that the continuation is resumed once, also where the operation of
    ///     that number is cancelled.
    private func onLoop<Value: Sendable>(
        idCount: Int, _ body: @escaping @Sendable (ClientCore, UInt64, CheckedContinuation<Value, Never>) -> Void
    ) async -> Value {
        let id = lastID.add(UInt64(idCount), ordering: .relaxed).oldValue + 1
        let core = core
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.eventLoop.execute { body(core.value, id, continuation) }
                // A cancellation that came before the line above has found nothing to cancel.
                if Task.isCancelled { core.eventLoop.execute { core.value.cancel(id) } }
            }
        } onCancel: {
            core.eventLoop.execute { core.value.cancel(id) }
        }
    }
}
