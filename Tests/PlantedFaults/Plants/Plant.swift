import SimulationKit

/// A fault planted into the store at one of its ports, and what must notice it.
///
/// Wrappers only: neither the store nor the simulator knows of any plant.
protocol Plant: Sendable {
    /// In kebab case.
    static var name: String { get }
    /// What the store does wrong with it, one sentence.
    static var wrong: String { get }
    /// The checkers of which one must find it; `run` where a run must fail to come to its end.
    static var caughtBy: [String] { get }
    /// Where it is planted.
    static var scenario: Scenario { get }
    /// It must be caught by one of the seeds 1 ... this.
    static var seeds: UInt64 { get }

    /// Puts the fault into the options of one run; what its wrappers share begins here.
    static func plant(in options: inout RunOptions)
}
