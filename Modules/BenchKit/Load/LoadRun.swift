internal import NIOCore
internal import NIOPosix

/// A load on running nodes, from the first key written to the last answer.
///
/// In a closed loop each session sends one request after the other and latency counts from the sending; in an open one
/// requests are due whether or not a session is free, and latency counts from when they were due.
///
/// It takes one thread. Cancelling the task ends it within a second, with what there is.
struct LoadRun: Sendable {
    let settings: LoadSettings

    /// - Precondition: at least one node, and settings of the workload without problems.
    init(_ settings: LoadSettings) {
        self.settings = settings
    }

    /// - Parameters:
    ///   - measuring: called when the measured span begins; the load goes on meanwhile.
    ///   - progress: called ten times a second with the share of the time that has passed.
    func run(
        measuring: @escaping @Sendable () async -> Void = {},
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async -> LoadTally {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var stages = LoadStages(settings, on: group.next(), over: TCPTransport())
        var filled = LoadTally(span: 0..<0)
        if let driver = stages.filling() { filled = await carryOut(driver) }
        let (began, signal) = AsyncStream.makeStream(of: Void.self)
        let driver = stages.load(after: filled, measuring: { signal.yield() }, progress: progress)
        let load = await withTaskGroup(of: LoadTally?.self) { group in
            group.addTask {
                for await _ in began { await measuring() }
                return nil
            }
            group.addTask {
                defer { signal.finish() }
                return await carryOut(driver)
            }
            var load: LoadTally?
            for await one in group { if let one { load = one } }
            return load
        }
        let tally = stages.outcome(load ?? LoadTally(span: 0..<0), of: driver, after: filled)
        try? await group.shutdownGracefully()
        return tally
    }

    private func carryOut(_ driver: LoadDriver) async -> LoadTally {
        await withTaskCancellationHandler {
            await driver.run()
        } onCancel: {
            driver.cancel()
        }
    }
}
