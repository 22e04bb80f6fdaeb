import Dashboard
import NIOCore
import NIOHTTP1
import StatorCore

extension HTTPRouter {
    /// The page and its parts, and what it draws: `/dashboard/state` once, `/dashboard/stream` every second.
    func dashboardPlan(_ head: HTTPRequestHead, _ target: RequestTarget) throws(HTTPFailure) -> RequestPlan {
        switch target.path {
        case "/dashboard/state":
            try allow(head.method, [.GET, .HEAD])
            let since = try QueryParameters(target.query, known: ["since"]).since()
            return .page(.live(since: since, origin: head.headers.first(name: "origin")))
        case "/dashboard/stream":
            try allow(head.method, [.GET])
            _ = try QueryParameters(target.query, known: [])
            return .stream(.live(since: 0, origin: head.headers.first(name: "origin")))
        default: break
        }
        let name = target.path.dropFirst("/dashboard".count)
        guard let file = DashboardFile.named(String(name.drop { $0 == "/" })), name != "/" else {
            throw HTTPFailure(
                .notFound, "unknown_path", "there is nothing at \(target.path.prefix(128)): see /dashboard")
        }
        try allow(head.method, [.GET, .HEAD])
        return .reply(
            HTTPReply(
                status: .ok, contentType: file.contentType,
                headers: DashboardFile.headers.map { HTTPReply.Header($0.name, $0.value) },
                body: ByteBuffer(bytes: file.bytes)))
    }
}

extension Endpoint {
    /// It names no address that a client could use.
    var listensEverywhere: Bool { host == "0.0.0.0" || host == "::" }
}

extension SocketAddress {
    /// Of this machine's own loopback.
    var isLoopback: Bool {
        guard let address = ipAddress else { return false }
        return address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }
}
