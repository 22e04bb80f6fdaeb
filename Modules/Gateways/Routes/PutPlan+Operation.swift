import ConflictResolution
import NIOCore
import NIOHTTP1
import Replication
import StatorCore

extension PutPlan {
    /// The node's operation, now that the body is there.
    func operation(body: ByteBuffer, _ core: GatewayCore) throws(HTTPFailure) -> ClientRequest {
        var basis = basis
        let content: Content
        if isJSON {
            let envelope = try ValueEnvelope(body)
            if let text = envelope.context {
                let named = try HTTPRouter.basis(text)
                guard basis == nil || basis == named else {
                    throw .badRequest("invalid_context", "the header and the body give different contexts")
                }
                basis = named
            }
            content = Content(form: .json, bytes: envelope.value)
        } else {
            content = Content(form: .raw, mediaType: mediaType, bytes: body)
        }
        let maximum = core.settings.maximumValue.bytes
        guard content.bytes.readableBytes <= maximum else {
            throw HTTPFailure(
                .payloadTooLarge, "value_too_large",
                "the value has \(content.bytes.readableBytes) bytes, at most \(maximum) are allowed",
                details: [HTTPFailure.Detail(name: "maximum", value: maximum)])
        }
        let write = VersionWrite(content: content, basis: basis ?? .held)
        return ClientRequest(key: key, token: core.port.token(of: key), operation: .write(write), options: options)
    }
}
