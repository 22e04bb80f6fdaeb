import NIOCore
import NIOHTTP1
import Replication
import StatorCore

/// Turns the head of a request into a plan. A value without state: the same head gives the same plan.
struct HTTPRouter {
    let port: any NodePort
    let settings: HTTPSettings

    /// - Throws: 400, 404, 405, 414 and so on, before any body is read.
    func plan(_ head: HTTPRequestHead) throws(HTTPFailure) -> RequestPlan {
        try checkHost(head)
        let target = try RequestTarget(head.uri)
        if let rest = Self.suffix(of: target.path, after: "/kv") {
            return try keyPlan(head, rest, query: target.query)
        }
        if target.path == "/dashboard" || target.path.hasPrefix("/dashboard/") {
            return try dashboardPlan(head, target)
        }
        if target.path.hasPrefix("/admin/") { return try adminPlan(head, target) }
        guard let route = Self.pages.first(where: { $0.path == target.path }) else {
            throw HTTPFailure(
                .notFound, "unknown_path", "there is nothing at \(target.path.prefix(128)): see / for what there is")
        }
        try allow(head.method, [.GET, .HEAD])
        return try route.plan(self, target.query)
    }

    /// What follows a prefix that ends at a slash or at the path's end.
    private static func suffix(of path: Substring, after prefix: String) -> Substring? {
        let bytes = path.utf8
        guard bytes.starts(with: prefix.utf8) else { return nil }
        let end = bytes.index(bytes.startIndex, offsetBy: prefix.utf8.count)
        if end == bytes.endIndex { return path[end...] }
        return bytes[end] == UInt8(ascii: "/") ? path[bytes.index(after: end)...] : nil
    }

    /// RFC 9112 section 3.2: exactly one Host field in HTTP/1.1.
    private func checkHost(_ head: HTTPRequestHead) throws(HTTPFailure) {
        var hosts = 0
        for (name, _) in head.headers where name.utf8.count == 4 && name.lowercased() == "host" { hosts += 1 }
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
            throw .badRequest("invalid_host", "an HTTP/1.1 request has exactly one Host header, found \(hosts)")
        }
    }

    func allow(_ method: HTTPMethod, _ allowed: [HTTPMethod]) throws(HTTPFailure) {
        guard !allowed.contains(method) else { return }
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        var failure = HTTPFailure(
            .methodNotAllowed, "method_not_allowed", "\(method.rawValue) is not possible here: allowed are \(names)")
        failure.headers.append(HTTPReply.Header("Allow", names))
        throw failure
    }

    // MARK: Pages

    private struct PageRoute {
        var path: Substring
        var help: String
        var plan: @Sendable (HTTPRouter, Substring?) throws(HTTPFailure) -> RequestPlan
    }

    private static func page(_ path: Substring, _ help: String, _ page: Page) -> PageRoute {
        PageRoute(path: path, help: help) { (_, query) throws(HTTPFailure) in
            _ = try QueryParameters(query, known: [])
            return .page(page)
        }
    }

    private static let pages: [PageRoute] = [
        PageRoute(path: "/", help: "this list") { (router, query) throws(HTTPFailure) in
            _ = try QueryParameters(query, known: [])
            return .reply(router.index())
        },
        page("/stats", "operations, latencies, errors, keys, hints, repairs, storage", .stats),
        PageRoute(path: "/ring", help: "nodes, partitions, balance; ?partitions=true lists the ranges") {
            (_, query) throws(HTTPFailure) in
            let parameters = try QueryParameters(query, known: ["partitions"])
            return .page(.ring(listsRanges: try parameters.boolean("partitions") ?? false))
        },
        PageRoute(path: "/events", help: "what happened lately; ?since=NUMBER") {
            (_, query) throws(HTTPFailure) in
            .page(.events(since: try QueryParameters(query, known: ["since"]).since()))
        },
        page("/gossip", "members: status, liveness, heartbeat, phi", .gossip),
        page("/merkle", "the sync strategy's index and its sessions", .sync),
        page("/sync", "the same as /merkle", .sync),
        page("/metrics", "everything for Prometheus", .metrics),
        page("/health", "200 while the node works", .health),
        page("/ready", "200 while the node serves", .ready),
        PageRoute(path: "/config", help: "the configuration in force") { (router, query) throws(HTTPFailure) in
            _ = try QueryParameters(query, known: [])
            return .reply(
                HTTPReply(status: .ok, body: ByteBuffer(string: router.settings.effectiveConfiguration + "\n")))
        },
    ]

    private func index() -> HTTPReply {
        HTTPReply { json in
            json.object { json in
                json.member("name", "stator")
                json.member("version", settings.version)
                json.member("node", port.node.name)
                json.object("routes") { json in
                    json.member("PUT|GET|DELETE /kv/{key}", "one key; ?r, w, timeout_ms, sloppy")
                    json.member("GET /kv/{key}/explain", "where a key lives and what each replica holds of it")
                    for route in Self.pages { json.member(named: "GET \(route.path)", route.help) }
                    json.member("GET /dashboard", "the cluster as a picture, for browsers")
                    json.member("POST /admin/join", "let this node join the cluster")
                    json.member("POST /admin/leave", "let this node, or with ?node=NAME a joining one, leave")
                    json.member("POST /admin/sync", "compare all ranges with the other replicas now")
                    json.member(
                        "POST /admin/faults", "cut links and delay messages; only where --allow-faults was given")
                }
            }
        }
    }
}
