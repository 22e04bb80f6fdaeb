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
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: limit)
        var told = ""
        var failures = 0
        while clock.now < end {
            do {
                let page = try await cluster.get("/ring").json
                failures = 0
                if isDone(page) { return Terminal.note("done, epoch \(page["epoch"].shown)") }
                let status = page["change_status"].text ?? "epoch \(page["epoch"].shown), waiting"
                if status != told { Terminal.note(status) }
                told = status
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
