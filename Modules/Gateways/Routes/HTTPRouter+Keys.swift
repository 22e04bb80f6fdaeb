import ConflictResolution
import NIOCore
import NIOHTTP1
import Replication
import StatorCore

extension HTTPRouter {
    /// Plans a request under `/kv/`.
    ///
    /// A key's slashes may be written as they are, or as `%2F`; only a last segment written `/explain` is not the key's.
    func keyPlan(
        _ head: HTTPRequestHead, _ rest: Substring, query: Substring?
    ) throws(HTTPFailure) -> RequestPlan {
        let explain = "/explain".utf8
        let explains = rest.utf8.suffix(explain.count).elementsEqual(explain)
        let key = try Self.key(explains ? Substring(rest.utf8.dropLast(explain.count)) : rest)
        if explains {
            try allow(head.method, [.GET, .HEAD])
            let parameters = try QueryParameters(query, known: ["timeout_ms"])
            var options = RequestOptions()
            options.timeout = try parameters.milliseconds("timeout_ms", in: HTTPLimits.timeoutMilliseconds)
            return operation(.explain, key, options, .explain)
        }
        try allow(head.method, [.GET, .HEAD, .PUT, .DELETE])
        var options = try Self.options(query)
        switch head.method {
        case .PUT: return .put(try putPlan(head, key, &options))
        case .DELETE:
            options.precondition = try Self.precondition(head)
            let basis = try Self.basis(head) ?? .held
            return operation(.write(VersionWrite(content: nil, basis: basis)), key, options, .delete)
        default:
            return operation(
                .get, key, options, .get, wantsBytes: Self.wantsBytes(head),
                knownTag: head.headers.first(name: "if-none-match"))
        }
    }

    private func operation(
        _ operation: ClientOperation, _ key: Key, _ options: RequestOptions, _ kind: KeyAnswer.Kind,
        wantsBytes: Bool = false, knownTag: String? = nil
    ) -> RequestPlan {
        let request = ClientRequest(key: key, token: port.token(of: key), operation: operation, options: options)
        return .operation(request, KeyAnswer(kind: kind, key: key, wantsBytes: wantsBytes, knownTag: knownTag))
    }

    private static func key(_ text: Substring) throws(HTTPFailure) -> Key {
        let bytes = try PercentCoding.decode(text.utf8, what: "the key")
        do {
            return try Key(bytes)
        } catch KeyError.empty {
            throw .badRequest("empty_key", "a key needs at least one byte: /kv/{key}")
        } catch {
            throw HTTPFailure(
                .uriTooLong, "key_too_long", error.description,
                details: [HTTPFailure.Detail(name: "maximum", value: Key.maximumLength)])
        }
    }

    private static func options(_ query: Substring?) throws(HTTPFailure) -> RequestOptions {
        guard let query else { return RequestOptions() }
        let parameters = try QueryParameters(query, known: ["r", "w", "timeout_ms", "sloppy"])
        return RequestOptions(
            readQuorum: try parameters.quorum("r"), writeQuorum: try parameters.quorum("w"),
            timeout: try parameters.milliseconds("timeout_ms", in: HTTPLimits.timeoutMilliseconds),
            isSloppy: try parameters.boolean("sloppy"))
    }

    // MARK: Headers

    private func putPlan(
        _ head: HTTPRequestHead, _ key: Key, _ options: inout RequestOptions
    ) throws(HTTPFailure) -> PutPlan {
        if let encoding = head.headers.first(name: "content-encoding"), encoding.lowercased() != "identity" {
            throw HTTPFailure(
                .unsupportedMediaType, "unsupported_encoding",
                "values are stored as they come: send no Content-Encoding")
        }
        options.precondition = try Self.precondition(head)
        let given = head.headers.first(name: "content-type") ?? ""
        let type = given.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard given.utf8.count <= Content.maximumMediaTypeLength else {
            throw .badRequest(
                "invalid_content_type", "the Content-Type has more than \(Content.maximumMediaTypeLength) bytes")
        }
        return PutPlan(
            key: key, options: options, basis: try Self.basis(head), isJSON: type == HTTPReply.json,
            mediaType: type == "application/octet-stream" ? "" : given)
    }

    private static func basis(_ head: HTTPRequestHead) throws(HTTPFailure) -> WriteBasis? {
        let values = head.headers["x-stator-context"]
        guard values.count <= 1 else { throw .badRequest("invalid_context", "X-Stator-Context is given twice") }
        guard let text = values.first else { return nil }
        return try basis(text)
    }

    /// What a context's text means, from the header or the body.
    static func basis(_ text: String) throws(HTTPFailure) -> WriteBasis {
        if text == "none" { return .nothing }
        guard !text.isEmpty, let bytes = Base64.decode(text) else {
            throw .badRequest(
                "invalid_context", "the context is not Base64: hand back what a read gave, or \"none\" for a sibling")
        }
        return .context(bytes)
    }

    private static func precondition(_ head: HTTPRequestHead) throws(HTTPFailure) -> Precondition? {
        let absent = head.headers["if-none-match"]
        let match = head.headers["if-match"]
        guard absent.count + match.count <= 1 else {
            throw .badRequest("invalid_precondition", "only one of If-Match and If-None-Match can be checked")
        }
        if let value = absent.first {
            guard value == "*" else {
                throw .badRequest("invalid_precondition", "a write understands If-None-Match only as *")
            }
            return .absent
        }
        guard let value = match.first else { return nil }
        guard value.utf8.count > 2, value.hasPrefix("\""), value.hasSuffix("\""),
            let context = Base64.decode(value.dropFirst().dropLast())
        else {
            throw .badRequest("invalid_precondition", "If-Match is one context in quotes, as ETag gave it")
        }
        return .context(context)
    }

    private static func wantsBytes(_ head: HTTPRequestHead) -> Bool {
        head.headers["accept"].contains { $0.lowercased().contains("application/octet-stream") }
    }
}
