/// Whether a node is asked: the circuit breaker.
///
/// healthy, after a failure resting, after the rest probing by one PING, after its answer healthy again. Failures add up
/// until a request is answered, so that a node which does nothing but answer PING rests longer and longer.
struct NodeHealth {
    enum State {
        case healthy
        case resting
        case probing
    }

    private(set) var state = State.healthy
    private(set) var failures = 0

    /// - Returns: false where the node rests already: failures of the same moment count once.
    mutating func fail() -> Bool {
        guard state != .resting else { return false }
        state = .resting
        failures += 1
        return true
    }

    /// - Returns: false where there is nothing to probe.
    mutating func beginProbe() -> Bool {
        guard state == .resting else { return false }
        state = .probing
        return true
    }

    /// The probe was answered.
    mutating func recover() {
        state = .healthy
    }

    /// A request was answered.
    mutating func answered() {
        failures = 0
    }
}
