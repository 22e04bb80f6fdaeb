import NIOCore
import NIOHTTP1
import Replication
import StatorCore

extension HTTPRouter {
    func adminPlan(_ head: HTTPRequestHead, _ target: RequestTarget) throws(HTTPFailure) -> RequestPlan {
        if target.path == "/admin/faults" { return try faultsPlan(head, target) }
        guard let verb = AdminPlan.Verb(rawValue: String(target.path.dropFirst("/admin/".count))) else {
            throw HTTPFailure(
                .notFound, "unknown_path",
                "there is no such action: POST /admin/join, /admin/leave, /admin/sync or /admin/faults")
        }
        try allow(head.method, [.POST])
        try checkOrigin(head)
        let parameters = try QueryParameters(target.query, known: verb == .leave || verb == .join ? ["node"] : [])
        return .administer(AdminPlan(verb: verb, node: try parameters["node"].map(Self.node)))
    }

    /// A page of another site must not be able to make a browser administer this node.
    private func checkOrigin(_ head: HTTPRequestHead) throws(HTTPFailure) {
        guard let origin = head.headers.first(name: "origin") else { return }
        let host = head.headers.first(name: "host") ?? ""
        guard origin == "http://\(host)" || origin == "https://\(host)", isOwnName(host) else {
            throw HTTPFailure(.forbidden, "foreign_origin", "pages of another site may not administer this node")
        }
    }

    /// Whether a host is this node's own, and not a name that another site has made to point here.
    private func isOwnName(_ host: String) -> Bool {
        var name = host[...]
        if name.hasPrefix("[") {
            name = name.dropFirst().prefix { $0 != "]" }
        } else if let colon = name.lastIndex(of: ":") {
            name = name[..<colon]
        }
        if name == "localhost" || name == settings.host { return true }
        return (try? SocketAddress(ipAddress: String(name), port: 0)) != nil
    }

    /// `POST /admin/faults?cut=C,D&delay_ms=50`: the whole state that is wanted; without parameters all is healed.
    private func faultsPlan(_ head: HTTPRequestHead, _ target: RequestTarget) throws(HTTPFailure) -> RequestPlan {
        try allow(head.method, [.POST])
        try checkOrigin(head)
        guard isOwnName(head.headers.first(name: "host") ?? "") else {
            throw HTTPFailure(.forbidden, "foreign_origin", "faults are asked for by this node's own address")
        }
        let parameters = try QueryParameters(target.query, known: ["cut", "delay_ms"])
        var cut: [NodeID] = []
        for name in (parameters["cut"] ?? "").split(separator: ",") {
            let node = try Self.node(String(name))
            if node != port.node, !cut.contains(node) { cut.append(node) }
        }
        let delay = try parameters.milliseconds("delay_ms", in: 0...HTTPLimits.maximumFaultDelayMilliseconds)
        return .inject(NetworkFaults(cut: cut.sorted(), delay: delay ?? .zero))
    }

    private static func node(_ name: String) throws(HTTPFailure) -> NodeID {
        guard NodeID.isValid(name) else {
            throw QueryParameters.invalid("node", name, "a node's name: 1 to 64 of A-Z a-z 0-9 . _ -")
        }
        return NodeID(name)
    }

    /// The action that a request with this body asks for.
    func action(_ plan: AdminPlan, body: ByteBuffer) throws(HTTPFailure) -> AdminAction {
        var node = plan.node
        if let named = try AdminBody(body).node {
            let fromBody = try Self.node(named)
            guard node == nil || node == fromBody else {
                throw .badRequest("invalid_parameter", "the query and the body name different nodes")
            }
            node = fromBody
        }
        switch plan.verb {
        case .join:
            guard node == nil || node == port.node else {
                throw .badRequest(
                    "wrong_node", "this is node \(port.node): send the request to the one that shall join")
            }
            return .join
        case .leave: return .leave(node == port.node ? nil : node)
        case .sync:
            guard node == nil else { throw .badRequest("unknown_member", "this action takes no node") }
            return .syncNow
        }
    }
}

/// The optional body of an administrative request: `{"node": "NAME"}`.
private struct AdminBody {
    var node: String?

    init(_ body: ByteBuffer) throws(HTTPFailure) {
        guard body.readableBytes > 0 else { return }
        let found: Result<String?, HTTPFailure> = body.withUnsafeReadableBytes { bytes in
            Result { () throws(HTTPFailure) in try Self.scan(bytes) }
        }
        node = try found.get()
    }

    private static func scan(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) -> String? {
        var scanner = JSONScanner(bytes)
        var node: String?
        var isKnown = true
        do throws(JSONError) {
            scanner.skipWhitespace()
            guard try scanner.peek() == UInt8(ascii: "{") else { throw JSONError("an object was expected", 0) }
            try scanner.object(depth: 0) { (scanner, name) throws(JSONError) in
                let isText = try scanner.peek() == UInt8(ascii: "\"")
                let range = try scanner.value(depth: 1)
                isKnown = isKnown && isText && node == nil && scanner.text(name) == "node"
                if isKnown { node = scanner.text((range.lowerBound + 1)..<(range.upperBound - 1)) }
            }
            try scanner.end()
        } catch {
            throw HTTPFailure(
                .badRequest, "malformed_json", "the body is not JSON: \(error.reason) at byte \(error.position)",
                details: [HTTPFailure.Detail(name: "position", value: error.position)])
        }
        guard isKnown else {
            throw .badRequest("unknown_member", "the body may have one member, \"node\", a string")
        }
        return node
    }
}
