package import StatorCore
package import Storage

/// How long a node that stops in order waits: until nothing of clients is under way and every write has reached its
/// durability, and a few seconds at most. It has refused new requests before.
package struct StopDrain {
    private let deadline: Instant

    package init(now: Instant) {
        deadline = now.advanced(by: NodeCoreLimits.stopBound)
    }

    package enum Verdict {
        case wait
        /// Its stores may be closed.
        case isIdle
        /// What is under way is given up.
        case isOver
    }

    package func look(areShardsIdle: Bool, now: Instant) -> Verdict {
        if areShardsIdle { return .isIdle }
        return now < deadline ? .wait : .isOver
    }
}

extension DataFolder {
    /// Records how a node stopped in order, once its stores are closed.
    /// - Parameter failure: of a store that did not write or sync, or could not be closed: the stop is no clean one then.
    package func noteStop(failure: String?) throws(DiskError) {
        guard failure == nil else { return }
        try noteCleanStop()
    }
}
