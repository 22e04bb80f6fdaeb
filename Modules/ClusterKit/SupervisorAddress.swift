internal import NIOCore
internal import NIOHTTP1
package import NodeClient

/// Where the supervisor of a folder is found, and talking to it.
package struct SupervisorAddress: Sendable {
    static let pidHeader = "X-Stator-Supervisor"

    package let url: NodeURL
    package let pid: Int

    package init(url: NodeURL, pid: Int) {
        self.url = url
        self.pid = pid
    }

    /// Tells everybody who looks into the folder.
    package func publish(in folder: ClusterFolder) throws(ClusterError) {
        let text = JSONValue.fields(["url": .string(url.description), "pid": .integer(pid)]).serialized
        try Files.write(text + "\n", to: folder.address)
    }

    /// - Throws: where none runs.
    package static func find(in folder: ClusterFolder) throws(ClusterError) -> SupervisorAddress {
        guard folder.isLocked, let text = Files.text(folder.address, maximum: 1 << 16),
            let value = JSONValue(parsing: Array(text.utf8)), let url = value["url"].text.flatMap(NodeURL.init),
            let pid = value["pid"].integer
        else { throw .failure("no cluster of \(folder.path) runs: statorctl cluster up") }
        return SupervisorAddress(url: url, pid: pid)
    }

    /// - Returns: what was done, in a sentence.
    package func carryOut(_ action: String, _ body: JSONValue, within limit: Duration) async throws(ClusterError)
        -> String
    {
        let call = HTTPCall(
            method: .POST, target: "/cluster/\(action)",
            headers: [("Content-Type", "application/json"), (Self.pidHeader, String(pid))],
            body: ByteBuffer(string: body.serialized), timeout: .seconds(limit.components.seconds))
        let answer = try await send(call)
        guard answer.status == 200 else {
            if answer.errorCode == "bad_request" { throw .usage(answer.errorMessage) }
            throw .failure(answer.errorMessage)
        }
        return answer.json["message"].text ?? ""
    }

    /// The supervisor's state, as its dashboard has it.
    package func state(since number: Int = 0) async throws(ClusterError) -> JSONValue {
        try await send(HTTPCall(target: "/dashboard/state?since=\(number)")).json
    }

    private func send(_ call: HTTPCall) async throws(ClusterError) -> HTTPAnswer {
        do throws(CallFailure) {
            return try await HTTPClient.send(call, to: url)
        } catch {
            throw .failure("the cluster's supervisor: \(error.why)")
        }
    }
}
