internal import Analysis
internal import Composition
internal import NodeClient
internal import Processes
internal import SimulationKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Runs on node processes of this machine: each run has a cluster and a folder of its own, one run after the other.
struct LocalExecutor: RunExecutor {
    private static let sections = ["replication", "hints", "antiEntropy", "durability", "strategies"]

    private let program: String
    private let folder: String

    var concurrency: Int { 1 }

    /// - Parameters:
    ///   - program: the node's; `stator-node` beside this program where it is `nil`.
    ///   - folder: where the nodes' folders come and go.
    /// - Throws: where there is no such program.
    init(program: String?, folder: String) throws(BenchError) {
        let found = program ?? programFolder().map { "\($0)/stator-node" } ?? "stator-node"
        guard access(found, X_OK) == 0 else {
            throw .configuration(
                "cannot start \(found): \(TextFile.reason); build it with scripts/build stator-node, or name it with "
                    + "--node-program")
        }
        self.program = found
        // Nodes are started with absolute paths.
        var buffer = [CChar](repeating: 0, count: 4096)
        let here = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "."
        self.folder = folder.hasPrefix("/") ? folder : "\(here)/\(folder)"
    }

    func run(_ run: MatrixPlan.Run, in cell: MatrixPlan.Cell) async -> RunRecord {
        let place = "\(folder)/run-\(run.number)"
        var record: RunRecord
        do throws(BenchError) {
            let sections = Self.sections.compactMap { name in
                cell.document[name].map { JSONMember(name, $0) }
            }
            let cluster = try LocalCluster(cell.file, sections: sections, program: program, folder: place)
            record = await Self.run(run, cell, cluster)
        } catch {
            record = RunRecord(run)
            record.flags.append(RunFlag.brokeOff)
            record.failures.append(error.description)
        }
        if Task.isCancelled { record.flags.append(RunFlag.interrupted) }
        _ = try? CommandOutput.run(["rm", "-rf", place], within: .seconds(120))
        _ = rmdir(folder)
        return record
    }

    private static func run(
        _ run: MatrixPlan.Run, _ cell: MatrixPlan.Cell, _ cluster: LocalCluster
    ) async -> RunRecord {
        var record: RunRecord
        do throws(BenchError) {
            try await cluster.start()
            let real = RealRun(
                run: run, file: cell.file, urls: cluster.urls,
                figures: { cluster.nodes.prefix(cluster.memberCount).map(\.figures) },
                isWhole: { cluster.unexpectedEnds.isEmpty })
            record = await real.carryOut {
                await cluster.carryOut(cell.file.schedule, lasting: cell.file.phases.faults)
            }
            let ends = cluster.unexpectedEnds
            if !ends.isEmpty { record.flags.append(RunFlag.nodeDied) }
            record.failures += ends
        } catch {
            record = RunRecord(run)
            record.flags.append(RunFlag.brokeOff)
            record.failures.append(error.description)
        }
        await cluster.end()
        return record
    }
}
