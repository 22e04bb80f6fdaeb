/// How often clients do what, as weights: those of a simulation's `workload`.
package struct OperationMix: Hashable, Sendable {
    /// What a client sets out to do.
    package enum Step: CaseIterable, Sendable {
        case read
        /// A read, then a write with the context that it gave.
        case update
        /// A write on whatever the coordinator holds.
        case heldWrite
        case siblingWrite
        /// A read, then a delete with the context that it gave.
        case delete
    }

    package var reads = 40.0
    package var updates = 35.0
    package var heldWrites = 10.0
    package var siblingWrites = 5.0
    package var deletes = 10.0

    package init() {}

    package subscript(step: Step) -> Double {
        switch step {
        case .read: reads
        case .update: updates
        case .heldWrite: heldWrites
        case .siblingWrite: siblingWrites
        case .delete: deletes
        }
    }

    /// What is done with weight 0 never comes.
    /// - Parameter fraction: in 0 ..< 1, drawn.
    package func step(at fraction: Double) -> Step {
        let sum = Step.allCases.reduce(0) { $0 + self[$1] }
        var rest = fraction * sum
        for step in Step.allCases {
            if rest < self[step] { return step }
            rest -= self[step]
        }
        // Rounding may leave a rest.
        return Step.allCases.last { self[$0] > 0 } ?? .read
    }
}
