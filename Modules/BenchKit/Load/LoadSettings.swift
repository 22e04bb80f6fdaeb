internal import NodeClient
internal import StatorCore
internal import Workload

/// What a load asks of running nodes.
struct LoadSettings: Sendable {
    var nodes: [NodeURL]
    var workload: WorkloadSettings
    var trace: Trace?
    /// What keys begin with.
    var keyPrefix: String
    var warmUp: Duration = .zero
    /// How long is measured.
    var span: Duration
    /// Requests of the measured span after which it ends early; `nil` for none.
    var operationLimit: Int?
    var seed: UInt64 = 1
    /// Whether every key is written once before.
    var loadsKeys = false
    /// Whether what clients saw is kept, to be checked.
    var keepsHistory = false

    func key(_ number: Int) -> String {
        if let trace, number < trace.keys.count { return keyPrefix + trace.keys[number] }
        return "\(keyPrefix)k\(number)"
    }
}

/// Bounds of a load that its settings do not set.
enum LoadLimits {
    /// Operations that a history holds at most; beyond, none is kept.
    static let historyOperations = 2_000_000
    /// How many parts the span is cut into to see whether it was steady.
    static let slices = 10
    /// How long one request may take.
    static let requestTimeoutSeconds: Int64 = 10
}
