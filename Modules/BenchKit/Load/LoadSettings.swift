internal import NodeClient
internal import StatorCore
internal import Workload

/// What a load asks of running nodes.
struct LoadSettings: Sendable {
    /// What the nodes are spoken to in.
    enum Interface: Sendable {
        case http
        /// RESP, as any Redis-compatible server understands it. A plain GET gives no context, so an update is a GET and
        /// then a SET, a delete a GET and then a DEL, a write that asks for a sibling an ordinary one; and no history is
        /// kept: without contexts it would tell little.
        case resp
    }

    var nodes: [NodeURL]
    var workload: WorkloadSettings
    var trace: Trace?
    /// What keys begin with. Names of values are unique only within one load: where a history is kept, no earlier load
    /// may have used the prefix.
    var keyPrefix: String
    var interface = Interface.http
    var warmUp: Duration = .zero
    /// How long is measured.
    var span: Duration
    /// Requests of the measured span after which it ends early; `nil` for none.
    var operationLimit: Int?
    /// How long one request, or all of a batch, may take; looked at every ``LoadLimits/tickMilliseconds``.
    var requestTimeout = Duration.seconds(LoadLimits.requestTimeoutSeconds)
    var seed: UInt64 = 1
    /// Whether every key is written once before.
    var loadsKeys = false
    /// Whether what clients saw is kept, to be checked.
    var keepsHistory = false

    /// How many keys are there at the start.
    var keys: Int { trace?.keys.count ?? workload.keys }

    func key(_ number: Int) -> String {
        if let trace, number < trace.keys.count { return keyPrefix + trace.keys[number] }
        return "\(keyPrefix)k\(number)"
    }
}
