internal import Composition
internal import SimulationKit
internal import Workload

extension MatrixPlan {
    /// Reads the traces that cells replay, each file once.
    /// - Throws: with every file that cannot be read or is no trace.
    mutating func readTraces() throws(ConfigurationError) {
        var read: [String: Trace] = [:]
        var problems: [ConfigurationProblem] = []
        let paths = Set(cells.map(\.file.workload.trace)).subtracting([""]).sorted()
        for path in paths {
            do {
                read[path] = try TraceReader.read(try TextFile.read(path, maximum: 2 << 30))
            } catch {
                problems.append(ConfigurationProblem(path: "workload.trace", message: "\(path): \(error)"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        for index in cells.indices { cells[index].file.trace = read[cells[index].file.workload.trace] }
    }
}
