import NIOCore
import NIOHTTP1

/// A request target taken apart: the path as it was written, still encoded, and the query.
struct RequestTarget {
    /// Begins with a slash.
    var path: Substring
    var query: Substring?

    /// - Parameter uri: in origin form (`/kv/x?r=2`) or absolute form (`http://host/kv/x`).
    init(_ uri: String) throws(HTTPFailure) {
        guard uri.utf8.count <= HTTPLimits.maximumTarget else {
            throw HTTPFailure(
                .uriTooLong, "target_too_long", "the request target has more than \(HTTPLimits.maximumTarget) bytes",
                details: [HTTPFailure.Detail(name: "maximum", value: HTTPLimits.maximumTarget)])
        }
        if uri.utf8.contains(UInt8(ascii: "#")) {
            throw .badRequest("malformed_target", "a '#' in the request target must be percent-encoded as %23")
        }
        let target = Self.withoutAuthority(uri)
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = target[..<mark]
            query = target[target.utf8.index(after: mark)...]
        } else {
            path = target
            query = nil
        }
    }

    /// Drops the scheme and the authority of an absolute form, which servers must accept (RFC 9112 section 3.2.2).
    private static func withoutAuthority(_ uri: String) -> Substring {
        if uri.utf8.first == UInt8(ascii: "/") { return uri[...] }
        for scheme in ["http://", "https://"] where uri.lowercased().hasPrefix(scheme) {
            let rest = uri.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
            return rest[slash] == "/" ? rest[slash...] : "/"
        }
        return uri[...]
    }
}
