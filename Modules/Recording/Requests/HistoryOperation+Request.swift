package import Checking
package import NIOCore
internal import NIOHTTP1
package import NodeClient

extension HistoryOperation {
    /// The request that carries the operation out, as docs/http.md describes them. Values are JSON strings.
    ///
    /// - Parameter valueBytes: the size that a value is filled up to.
    package func request(
        timeout: TimeAmount = RecordingLimits.requestTimeout, valueBytes: Int = 0
    ) -> HTTPCall {
        var call = HTTPCall(target: keyPath(key), timeout: timeout)
        switch kind {
        case .read:
            if isFinal { call.target += "?r=all" }
            return call
        case .write:
            call.method = .PUT
            call.headers.append(("Content-Type", "application/json"))
            let body = JSONValue.object([
                JSONValue.Member(name: "value", value: .string(Self.padded(value ?? "", to: valueBytes)))
            ])
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
