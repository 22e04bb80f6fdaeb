internal import ArgumentParser
public import Composition
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A whole node as a program: reads its arguments and configuration, runs until it is told to stop.
///
/// An app with strategies of its own is this line with its own registry:
///
/// ```swift
/// var registry = StrategyRegistry.standard
/// registry.add(MyPartitioner.self)
/// await NodeApp.run(registry: registry)
/// ```
public enum NodeApp {
    /// Runs the node and ends the process: with 0 after a stop in order (SIGTERM, SIGINT, without a log file SIGHUP) or a
    /// `--check`, 64 for wrong arguments, 78 for a wrong configuration, 1 where the node cannot start.
    /// - Parameters:
    ///   - registry: the strategies that the configuration may select.
    ///   - arguments: without the program's name; those of the process by default.
    public static func run(registry: StrategyRegistry = .standard, arguments: [String]? = nil) async -> Never {
        let options = NodeOptions.parseOrExit(arguments)
        let configuration: NodeConfiguration
        do {
            configuration = try options.configuration(registry)
        } catch {
            complain(error.description)
            exit(ExitStatus.configuration)
        }
        if options.check {
            print(configuration.effectiveJSON(pretty: true))
            exit(0)
        }
        do {
            try await serve(configuration, allowsFaults: options.allowsFaults)
            exit(0)
        } catch {
            complain("\(configuration.node.name): \(error)")
            exit(ExitStatus.failure)
        }
    }

    private static func serve(_ configuration: NodeConfiguration, allowsFaults: Bool) async throws {
        let log = try LogSetup(for: configuration)
        let signals = NodeSignals(hasLogFile: log.file != nil)
        // One loop a shard; connections of clients share them, so that a request of the shard's own needs no hop.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.node.shards)
        let node = NodeService(
            configuration: configuration, allowsFaults: allowsFaults, group: group, logger: log.logger)
        var all = [
            ServiceGroupConfiguration.ServiceConfiguration(
                service: node, successTerminationBehavior: .gracefullyShutdownGroup)
        ]
        // Before the node: they are stopped in reverse order.
        if let file = log.file { all.insert(.init(service: LogReopening(file: file, logger: log.logger)), at: 0) }
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all,
                gracefulShutdownSignals: signals.stopping,
                logger: Logger(label: "stator.lifecycle") { _ in
                    SwiftLogNoOpLogHandler()
                }))
        do {
            try await services.run()
        } catch {
            // On standard error it is said anyway.
            if log.file != nil { log.logger.critical("\(error)") }
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private static func complain(_ text: String) {
        var line = "stator-node: " + text + "\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Exit statuses besides 0 and the argument parser's 64; those of `sysexits.h` where it has one.
enum ExitStatus {
    static let failure: Int32 = 1
    static let configuration: Int32 = 78
}
