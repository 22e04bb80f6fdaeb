internal import NIOCore
internal import NodeClient
internal import StatorCore

/// Waits for nodes to get over what happened: a write may be held by fallbacks alone until its hints are delivered, and
/// a read of all replicas would not see it.
struct Settling {
    let settings: RecordingSettings
    let clock: HistoryClock
    let end: Int64

    /// - Returns: what every node that has not settled says, empty where all have.
    func run() async -> [String] {
        while true {
            let complaints = await look()
            if complaints.isEmpty { return [] }
            guard await clock.pause(RecordingLimits.pauseBetweenRounds.nanoseconds, until: end) else {
                return complaints
            }
        }
    }

    private func look() async -> [String] {
        await withTaskGroup(of: (Int, String?).self) { group in
            for (index, node) in settings.nodes.enumerated() { group.addTask { (index, await complaint(of: node)) } }
            var found: [(Int, String)] = []
            for await (index, complaint) in group {
                if let complaint { found.append((index, complaint)) }
            }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func complaint(of node: NodeURL) async -> String? {
        do throws(CallFailure) {
            let ready = try await HTTPClient.send(
                HTTPCall(target: "/ready", timeout: settings.requestTimeout), to: node)
            guard ready.status == 200 else { return "\(node) is not ready: \(ready.errorMessage)" }
            let stats = try await HTTPClient.send(
                HTTPCall(target: "/stats", timeout: settings.requestTimeout), to: node)
            guard let hints = stats.json["hints"]["pending"].integer else {
                return "\(node) does not say how many hints it keeps"
            }
            return hints == 0 ? nil : "\(node) keeps \(hints) hints for others"
        } catch {
            return error.why
        }
    }
}
