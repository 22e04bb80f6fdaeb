/// What a node has used and done up to a moment.
package struct NodeSnapshot: Sendable {
    package let node: String
    package let time: ContinuousClock.Instant
    package let state: LocalNodeState
    /// How often the node was started up to now.
    package let starts: Int
    /// Processor time and peak of all its processes up to now; what is resident of the one that runs, 0 where none does.
    /// `nil` where the system does not tell.
    package let process: ProcessFigures?
    /// Of the process that runs; `nil` where none does or it does not answer.
    package let figures: NodeFigures?

    package init(
        node: String, time: ContinuousClock.Instant, state: LocalNodeState, starts: Int, process: ProcessFigures?,
        figures: NodeFigures?
    ) {
        self.node = node
        self.time = time
        self.state = state
        self.starts = starts
        self.process = process
        self.figures = figures
    }

    /// What happened in between.
    /// - Parameter earlier: of the same node.
    package func difference(since earlier: NodeSnapshot) -> NodeChange {
        precondition(node == earlier.node, "a change is one node's")
        let restarts = starts - earlier.starts
        var cpuSeconds: Double?
        // The last tick of an ended process may be counted as a little less than it was shown before.
        if let now = process, let then = earlier.process { cpuSeconds = max(0, now.cpuSeconds - then.cpuSeconds) }
        let figures: NodeFigures? =
            restarts == 0 ? earlier.figures.flatMap { self.figures?.difference(since: $0) } : self.figures
        return NodeChange(
            node: node, elapsed: time - earlier.time, restarts: restarts, cpuSeconds: cpuSeconds,
            residentBytes: process?.residentBytes, peakResidentBytes: process?.peakResidentBytes, figures: figures)
    }
}

/// What a node has used and done between two moments.
package struct NodeChange: Sendable {
    package let node: String
    package let elapsed: Duration
    /// Where it was started in between, ``figures`` count from the last start on: what the processes before it had
    /// counted is lost with them.
    package let restarts: Int
    /// Over all its processes; `nil` where the system does not tell.
    package let cpuSeconds: Double?
    /// At the end of the time.
    package let residentBytes: Int?
    /// Since the node was first started, not only in between.
    package let peakResidentBytes: Int?
    /// Counts of what happened in between, and levels at its end. `nil` where the node did not answer at the end, or,
    /// unless it was restarted, at the beginning.
    package let figures: NodeFigures?
}
