import NIOCore
import NodeClient

/// What a look at one node shows.
struct NodeReport: Sendable {
    var name: String
    var url: NodeURL
    /// Why it is not fine, or `nil`.
    var problem: String?
    var epoch: Int?
    var keys: Int?
    var hints: Int?
    var areHintsFull = false
    /// The part of its ranges that is still being recovered, in 0 ... 1.
    var recovering: Double?
    var members = 0
    /// The members that it does not hold for alive.
    var suspects: [String] = []

    var isFine: Bool { problem == nil }
    var state: String { isFine ? "ready" : epoch == nil ? "unreachable" : "not ready" }
    var seen: String { epoch == nil ? "-" : "\(members - suspects.count)/\(members)" }

    static func make(name: String, url: NodeURL) async -> NodeReport {
        var report = NodeReport(name: name, url: url)
        do throws(CallFailure) {
            try await report.look()
        } catch {
            report.problem = error.why
        }
        return report
    }

    private mutating func look() async throws(CallFailure) {
        let ready = try await ask("/ready")
        let stats = try await ask("/stats").json
        let gossip = try await ask("/gossip").json
        if ready.status != 200 { problem = ready.errorMessage }
        if let answering = gossip["node"].text, answering != name { problem = "its address answers as \(answering)" }
        epoch = stats["epoch"].integer
        keys = stats["keys"]["live"].integer
        hints = stats["hints"]["pending"].integer
        areHintsFull = stats["hints"]["full"].isTrue
        recovering = stats["recovering_fraction"].double
        members = gossip["members"].elements.count
        suspects = gossip["members"].elements.filter { $0["liveness"].text != "alive" }.map { $0["node"].shown }
    }

    private func ask(_ page: String) async throws(CallFailure) -> HTTPAnswer {
        try await HTTPClient.send(HTTPCall(target: page, timeout: .seconds(5)), to: url)
    }

    var json: JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        return .object([
            JSONValue.Member(name: "node", value: .string(name)),
            JSONValue.Member(name: "url", value: .string(url.description)),
            JSONValue.Member(name: "state", value: .string(state)),
            JSONValue.Member(name: "problem", value: problem.map(JSONValue.string) ?? .null),
            JSONValue.Member(name: "epoch", value: number(epoch)),
            JSONValue.Member(name: "keys", value: number(keys)),
            JSONValue.Member(name: "hints", value: number(hints)),
            JSONValue.Member(name: "recovering_fraction", value: recovering.map { .number("\($0)") } ?? .null),
            JSONValue.Member(name: "not_heard", value: .array(suspects.map(JSONValue.string))),
        ])
    }
}
