internal import ArgumentParser
internal import Composition
internal import NIOCore
internal import NIORuntime
internal import StatorCore
internal import Storage

/// The arguments of `stator-node`.
struct NodeOptions: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "stator-node",
            abstract: "Runs one node of a Stator cluster.",
            discussion: """
                Examples:
                  stator-node --config configs/cluster/A.json
                  stator-node --config configs/cluster/A.json --set replication.w=3 --set node.logLevel=debug
                  stator-node --config configs/cluster/A.json --set strategies.conflictResolver.kind=lww-hlc --check

                Ends with 0 after SIGTERM or SIGINT, 64 for wrong arguments, 78 for a wrong configuration, 1 where the
                node cannot start. SIGHUP opens the log file anew; a node without one is stopped by it.
                """,
            version: NodeVersion.text)
    }

    @Option(help: ArgumentHelp("The node's JSON file.", valueName: "FILE"))
    var config: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrides one setting; may be repeated.", valueName: "PATH=VALUE"))
    var overrides: [String] = []

    @Flag(help: "Checks the configuration, prints it with all defaults filled in, and starts nothing.")
    var check = false

    @Flag(
        name: .customLong("allow-faults"),
        help: "Lets POST /admin/faults from this machine cut and slow the node's links; for experiments.")
    var allowsFaults = false

    /// Reads and checks the file.
    func configuration(_ registry: StrategyRegistry) throws(OptionsError) -> NodeConfiguration {
        let bytes = try NodeOptions.bytes(of: config)
        do throws(ConfigurationError) {
            return try NodeConfiguration.load(json: bytes, overrides: overrides, registry: registry)
        } catch {
            throw OptionsError(description: "\(config): \(error)")
        }
    }

    private static func bytes(of path: String) throws(OptionsError) -> [UInt8] {
        let size: Int
        let bytes: [UInt8]
        do throws(DiskError) {
            let file = try POSIXDisk().open(path, creating: false)
            defer { file.close() }
            size = try file.size()
            bytes = Array(try file.read(at: 0, count: min(size, maximumFile)).readableBytesView)
        } catch {
            throw OptionsError(description: "\(error)")
        }
        guard size <= maximumFile else {
            throw OptionsError(description: "\(path) has \(size) bytes, at most \(maximumFile) are read")
        }
        return bytes
    }

    private static let maximumFile = 4 << 20
}

/// What is wrong with the configuration, for people.
struct OptionsError: Error, CustomStringConvertible {
    let description: String
}

enum NodeVersion {
    static let text = "0.1.0"
}
