package import Checking
package import NIOCore
internal import NIOHTTP1
package import NodeClient

extension HistoryOperation {
    /// The request that carries the operation out, as docs/http.md describes them. Values are JSON strings.
    package func request(timeout: TimeAmount = RecordingLimits.requestTimeout) -> HTTPCall {
        var call = HTTPCall(target: keyPath(key), timeout: timeout)
        switch kind {
        case .read:
            // Strictly: a fallback that stood in and holds nothing would make a kept write look lost.
            if isFinal { call.target += "?r=all&sloppy=false" }
            return call
        case .write:
            call.method = .PUT
            call.headers.append(("Content-Type", "application/json"))
            let body = JSONValue.object([JSONValue.Member(name: "value", value: .string(value ?? ""))])
            call.body = ByteBuffer(string: body.serialized)
        case .delete:
            call.method = .DELETE
        }
        switch basis {
        case .held: break
        case .none: call.headers.append(("X-Stator-Context", "none"))
        case .context: call.headers.append(("X-Stator-Context", context ?? "none"))
        }
        return call
    }
}
