/// What a cluster does when nothing is wrong with it: every configuration promises all of it.
///
/// Under faults most of a node's behaviour is a rate: an answer may be late, a session may fail, a change of the ring may
/// be refused. Here it is exact, so that what is only slow, doubled or left out is seen as well.
package struct HealthyCluster: Sendable {
    package static let name = "healthy-cluster"

    private var builder = VerdictBuilder(HealthyCluster.name)

    package init() {}

    /// - Parameters:
    ///   - holds: what was expected.
    ///   - finding: what was found and what was expected; made only where it does not hold.
    package mutating func expect(_ holds: Bool, key: String? = nil, _ finding: @autoclosure () -> String) {
        builder.checked += 1
        if !holds { builder.violation(key: key, finding()) }
    }

    package func verdict() -> Verdict { builder.verdict(isPromised: true) }
}
