import NIOHTTP1
import NodeClient

/// Begins a change of the ring and follows it to its end.
struct RingChange {
    var cluster: Cluster
    var options: ClusterOptions
    var limit: Duration

    func begin(target: String) async throws {
        let answer = try await cluster.send(HTTPCall(method: .POST, target: target))
        if options.json { Terminal.print(answer.json.serialized) }
        guard answer.status == 202 else { throw Outcome.refused(answer) }
        Terminal.note(answer.json["message"].shown)
    }

    /// Asks for the ring until it is as wanted, telling what goes on when it changes.
    func wait(until isDone: (JSONValue) -> Bool) async throws {
        try await follow("/ring") { page in
            if isDone(page) { return .done("done, epoch \(page["epoch"].shown)") }
            return .waiting(page["change_status"].text ?? "epoch \(page["epoch"].shown), waiting")
        }
    }

    /// Waits until the node that has left holds nothing any more: it lets each record go when all owners hold it.
    func waitUntilEmpty() async throws {
        try await follow("/stats") { page in
            let records = page["keys"]["records"].shown
            return records == "0" ? .done("it holds nothing any more") : .waiting("hands \(records) records over")
        }
    }

    private enum Progress {
        case waiting(String)
        case done(String)
    }

    private func follow(_ target: String, _ progress: (JSONValue) -> Progress) async throws {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: limit)
        var told = ""
        var failures = 0
        while clock.now < end {
            do {
                let page = try await cluster.get(target).json
                failures = 0
                switch progress(page) {
                case .done(let status): return Terminal.note(status)
                case .waiting(let status):
                    if status != told { Terminal.note(status) }
                    told = status
                }
            } catch {
                // The node may be too busy or away for a moment; a node that stays away is an error.
                failures += 1
                if failures == 10 { throw error }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        Terminal.complain("the change has not ended within \(limit)")
        throw Outcome.failed
    }
}
