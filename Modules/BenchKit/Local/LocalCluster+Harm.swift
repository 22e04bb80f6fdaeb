#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What is done to single nodes. Each throws ``LocalError/notRunning(node:)`` where there is no process to do it to.
extension LocalCluster {
    /// How long the system may take to get rid of a killed process.
    private static let killLimit = Duration.seconds(10)

    /// Asks a node to end, as an operator would, and waits for that.
    /// - Throws: ``LocalError/notEnded(node:limit:)`` where it had to be killed after `limit`.
    package func stop(_ name: String, within limit: Duration = .seconds(15)) async throws(LocalError) {
        let index = try index(of: name)
        let process = try nodes[index].running()
        process.signal(SIGTERM)
        process.signal(SIGCONT)
        if let end = await process.waitForEnd(within: limit) {
            return nodes[index].retire(process, end, wasAsked: true, isExpected: end.isSuccess)
        }
        process.signal(SIGKILL)
        if let end = await process.waitForEnd(within: Self.killLimit) {
            nodes[index].retire(process, end, wasAsked: true, isExpected: true)
        }
        throw .notEnded(node: name, limit: limit)
    }

    /// Kills a node, so that it loses what is in its memory, and waits until it is gone.
    package func kill(_ name: String) async throws(LocalError) {
        let index = try index(of: name)
        let process = try nodes[index].running()
        process.signal(SIGKILL)
        guard let end = await process.waitForEnd(within: Self.killLimit) else {
            throw .notEnded(node: name, limit: Self.killLimit)
        }
        // It may have ended by itself just before.
        nodes[index].retire(process, end, wasAsked: true, isExpected: end == .killed(SIGKILL))
    }

    /// Stops a node's process where it is: its connections stay, and it says nothing.
    package func pause(_ name: String) throws(LocalError) {
        try nodes[index(of: name)].pause(SIGSTOP)
    }

    package func resume(_ name: String) throws(LocalError) {
        try nodes[index(of: name)].resume(SIGCONT)
    }

    /// Kills a node, where it runs, and deletes all that it has kept: its disk is lost.
    package func wipe(_ name: String) async throws(LocalError) {
        let index = try index(of: name)
        nodes[index].look()
        if nodes[index].process != nil { try await kill(name) }
        try LocalFiles.removeAll(nodes[index].dataFolder)
    }

    /// Stops a node, where it runs, and starts it.
    package func restart(_ name: String, within limit: Duration = .seconds(15)) async throws(LocalError) {
        let index = try index(of: name)
        nodes[index].look()
        if nodes[index].process != nil { try await stop(name, within: limit) }
        try nodes[index].start(program)
    }
}
