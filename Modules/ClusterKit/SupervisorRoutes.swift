internal import Dashboard
internal import NIOCore
internal import NIOHTTP1
internal import NodeClient

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a supervisor answers over HTTP: the dashboard, the state, actions, and what its nodes say.
package struct SupervisorServer: Sendable {
    private let supervisor: Supervisor
    private let server: LoopbackServer

    package var port: Int { server.port }

    /// Listens on 127.0.0.1.
    /// - Parameter port: 0 for any that is free.
    package static func listen(on port: Int, for supervisor: Supervisor) async throws(ClusterError) -> SupervisorServer
    {
        SupervisorServer(supervisor: supervisor, server: try await LoopbackServer.listen(on: port))
    }

    /// Answers until the task is cancelled.
    package func run() async {
        await server.run { await answer($0) }
    }

    private func answer(_ request: ServerRequest) async -> ServerReply {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: true)
        switch parts.first {
        case nil: return file("", request)
        case "dashboard" where request.path == "/dashboard/":
            return .failure(.notFound, "unknown_path", "there is nothing here: see /dashboard")
        case "dashboard": return await dashboard(parts.dropFirst(), request)
        case "nodes" where parts.count > 2: return await forward(request, to: String(parts[1]))
        case "cluster" where parts.count == 2: return await act(String(parts[1]), request)
        default: return .failure(.notFound, "unknown_path", "there is nothing here: see /dashboard")
        }
    }

    // MARK: The dashboard

    private func dashboard(_ rest: ArraySlice<Substring>, _ request: ServerRequest) async -> ServerReply {
        guard request.method == .GET || request.method == .HEAD else { return Self.notAllowed }
        switch rest.first {
        case "state": return .json(await supervisor.state(since: Self.since(request.query)))
        case "stream" where request.method == .HEAD: return Self.notAllowed
        case "stream":
            return ServerReply(status: .ok, headers: [:], body: .events(await supervisor.listen()))
        default: return file(rest.joined(separator: "/"), request)
        }
    }

    private static let notAllowed = ServerReply.failure(.methodNotAllowed, "method_not_allowed", "GET is possible here")

    private static func since(_ query: Substring?) -> Int {
        guard let query, query.hasPrefix("since=") else { return 0 }
        return Int(query.dropFirst("since=".count)) ?? 0
    }

    private func file(_ name: String, _ request: ServerRequest) -> ServerReply {
        guard request.method == .GET || request.method == .HEAD else { return Self.notAllowed }
        guard let file = DashboardFile.named(name) else {
            return .failure(.notFound, "unknown_path", "there is nothing here: see /dashboard")
        }
        var headers: HTTPHeaders = ["Content-Type": file.contentType]
        for header in DashboardFile.headers { headers.add(name: header.name, value: header.value) }
        return ServerReply(status: .ok, headers: headers, body: .bytes(ByteBuffer(bytes: file.bytes)))
    }

    // MARK: Actions

    private func act(_ name: String, _ request: ServerRequest) async -> ServerReply {
        guard request.method == .POST else {
            return .failure(.methodNotAllowed, "method_not_allowed", "POST is possible here")
        }
        // A program that found this address in a folder whose supervisor has gone must not break another cluster.
        if let pid = request.headers.first(name: SupervisorAddress.pidHeader), pid != String(getpid()) {
            return .failure(.conflict, "refused", "another cluster's supervisor has this address now")
        }
        do throws(ClusterError) {
            let body = JSONValue(parsing: Array(request.body.readableBytesView)) ?? .null
            let said = try await supervisor.carryOut(try ClusterAction(name, body))
            return .json(.fields(["message": .string(said)]))
        } catch {
            let isUsage = error.status == 64
            return .failure(isUsage ? .badRequest : .conflict, isUsage ? "bad_request" : "refused", error.description)
        }
    }

    // MARK: Nodes

    private static let forwardedPages = ["kv", "ring", "config", "events", "stats", "gossip", "sync"]

    /// Lets a page of this server ask a node, whose own port is another origin.
    private func forward(_ request: ServerRequest, to name: String) async -> ServerReply {
        guard let url = await supervisor.url(of: name) else {
            return .failure(.notFound, "unknown_node", "there is no node \(name.prefix(64))")
        }
        let path = request.path.dropFirst("/nodes/\(name)/".count)
        guard Self.forwardedPages.contains(String(path.prefix { $0 != "/" })) else {
            return .failure(.notFound, "unknown_path", "that page of a node is not shown here: ask \(url)")
        }
        var call = HTTPCall(
            method: request.method, target: "/\(path)" + (request.query.map { "?\($0)" } ?? ""), timeout: .seconds(30))
        for name in ["content-type", "accept", "x-stator-context", "if-match", "if-none-match"] {
            if let value = request.headers.first(name: name) { call.headers.append((name, value)) }
        }
        if request.body.readableBytes > 0 || request.method == .PUT { call.body = request.body }
        do throws(CallFailure) {
            let answer = try await HTTPClient.send(call, to: url)
            // A value may be a page with scripts: opened in a browser it is not to act in this server's name.
            var headers: HTTPHeaders = [
                "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox",
            ]
            for name in ["content-type", "x-stator-context", "x-stator-node"] {
                if let value = answer.header(name) { headers.add(name: name, value: value) }
            }
            return ServerReply(
                status: HTTPResponseStatus(statusCode: answer.status), headers: headers, body: .bytes(answer.body))
        } catch {
            return .failure(.badGateway, "node_unreachable", error.why)
        }
    }
}

extension Supervisor {
    func url(of name: String) -> NodeURL? {
        nodes.first { $0.name == name }?.plan.http
    }
}
