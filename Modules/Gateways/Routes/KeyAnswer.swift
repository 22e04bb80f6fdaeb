import ConflictResolution
import NIOCore
import NIOHTTP1
import Replication
import StatorCore

/// How the node's response to an operation on one key is told to the client.
struct KeyAnswer {
    enum Kind: Int, CaseIterable {
        case get, put, delete, explain

        var name: String {
            switch self {
            case .get: "get"
            case .put: "put"
            case .delete: "delete"
            case .explain: "explain"
            }
        }
    }

    var kind: Kind
    var key: Key
    /// The client asked for bytes (`Accept: application/octet-stream`).
    var wantsBytes = false
    /// `If-None-Match` of a read.
    var knownTag: String?

    func reply(_ response: ClientResponse) -> HTTPReply {
        switch response {
        case .found(let result): found(result)
        // Nobody here asks for less than everything.
        case .value(let content): HTTPReply(status: .ok, body: content.bytes)
        case .notFound(let context): notFound(context)
        case .stored(let outcome): stored(outcome)
        case .explained(let explanation): ExplainPage.reply(key, explanation)
        case .updated: HTTPReply(HTTPFailure(.internalServerError, "internal", "the node answered another question"))
        case .failed(let error): HTTPReply(HTTPFailure(error, isWrite: kind == .put || kind == .delete))
        }
    }

    private func stored(_ outcome: StoredOutcome) -> HTTPReply {
        let context = Base64.encode(outcome.context)
        let isDelete = kind == .delete
        return HTTPReply(
            status: outcome.isFirst && !isDelete ? .created : .ok, headers: Self.headers(context: context)
        ) { json in
            json.object { json in
                json.key(key)
                json.member("status", isDelete ? "deleted" : "stored")
                json.member("node", outcome.node.name)
                json.member("context", context)
            }
        }
    }

    private func notFound(_ contextBytes: ByteBuffer?) -> HTTPReply {
        let context = contextBytes.map(Base64.encode)
        let failure = HTTPFailure(
            .notFound, "not_found", context == nil ? "the key was never written" : "the key was deleted")
        var reply = HTTPReply(failure) { json in
            json.key(key)
            if let context { json.member("context", context) }
        }
        if let context { reply.headers = Self.headers(context: context) }
        return reply
    }

    // MARK: Reads

    private func found(_ result: ReadResult) -> HTTPReply {
        let context = Base64.encode(result.context)
        let headers = Self.headers(context: context)
        if let knownTag, knownTag == "\"\(context)\"" || knownTag == "*" {
            return HTTPReply(status: .notModified, headers: headers, body: ByteBuffer())
        }
        let live = result.liveVersions
        guard live.count <= 1 else { return siblings(result, context, headers) }
        guard let version = live.first, let content = version.content else {
            return notFound(result.context)
        }
        if wantsBytes || content.form == .raw {
            let type = wantsBytes || content.mediaType.isEmpty ? "application/octet-stream" : content.mediaType
            var reply = HTTPReply(status: .ok, contentType: type, headers: headers, body: content.bytes)
            // A browser takes the last of several types: only one that it shows as bytes needs no care.
            if type != "application/octet-stream" { reply.headers += Self.confinement }
            return reply
        }
        return HTTPReply(headers: headers) { json in
            json.object { json in
                json.key(key)
                json.member("value", json: content.bytes)
                json.member("context", context)
                json.object("version") { json in
                    Self.write(version, &json)
                    json.member("causality", result.causality)
                    if result.versions.count > 1 { json.member("concurrent_delete", true) }
                }
            }
        }
    }

    private func siblings(_ result: ReadResult, _ context: String, _ headers: [HTTPReply.Header]) -> HTTPReply {
        HTTPReply(status: .multipleChoices, headers: headers) { json in
            json.object { json in
                json.key(key)
                json.array("siblings") { json in
                    for version in result.versions {
                        json.object { json in
                            Self.writeContent(version.content, &json)
                            Self.write(version, &json)
                        }
                    }
                }
                json.member("context", context)
                json.member("causality", result.causality)
            }
        }
    }

    private static func writeContent(_ content: Content?, _ json: inout JSONWriter) {
        guard let content else { return json.member("deleted", true) }
        switch content.form {
        case .json: json.member("value", json: content.bytes)
        case .raw:
            json.member("value_base64", Base64.encode(content.bytes))
            json.member(
                "content_type", content.mediaType.isEmpty ? "application/octet-stream" : content.mediaType)
        }
    }

    private static func write(_ version: Version, _ json: inout JSONWriter) {
        if let dot = version.dot { json.member("dot", dot.description) }
        if let wall = version.wall { json.member("written_at", wall.isoText) }
    }

    /// A value may be a page with scripts. Opened in a browser it must not act in the node's name, beside the dashboard.
    private static let confinement = [
        HTTPReply.Header("Content-Security-Policy", "sandbox"), HTTPReply.Header("X-Content-Type-Options", "nosniff"),
    ]

    private static func headers(context: String) -> [HTTPReply.Header] {
        [HTTPReply.Header("X-Stator-Context", context), HTTPReply.Header("ETag", "\"\(context)\"")]
    }
}

extension JSONWriter {
    /// The key as text where it is UTF-8; otherwise a text for people, and the exact bytes as `key_base64`.
    mutating func key(_ key: Key) {
        let bytes = key.bytes.readableBytesView
        if let text = String(validating: bytes, as: UTF8.self) {
            member("key", text)
        } else {
            member("key", key.displayText)
            member("key_base64", Base64.encode(key.bytes))
        }
    }
}
