internal import Composition
internal import Gateways
internal import Logging
internal import NIOPosix
internal import NIORuntime
internal import Replication
internal import ServiceLifecycle
internal import StatorCore

/// The node while it runs: the runtime, and the HTTP gateway in front of it. Ends in order when the group shuts down.
struct NodeService: Service {
    let configuration: NodeConfiguration
    let allowsFaults: Bool
    let group: MultiThreadedEventLoopGroup
    let logger: Logger

    func run() async throws {
        let blueprint = configuration.blueprint()
        let runtime = NodeRuntime(
            blueprint: blueprint, dataFolder: configuration.node.dataFolder, allowsFaults: allowsFaults,
            eventLoopGroup: group, logger: logger)
        let http = blueprint.member.httpEndpoint
        let gateway = HTTPGateway(
            port: runtime,
            settings: HTTPSettings(
                host: http.host, port: http.port, maximumValue: configuration.replication.maximumValue,
                effectiveConfiguration: configuration.effectiveJSON(pretty: true), version: NodeVersion.text),
            group: group, logger: logger)
        try await runtime.start()
        let resp = blueprint.member.respEndpoint.map { endpoint in
            RESPGateway(settings: settings(of: endpoint), beside: gateway)
        }
        do {
            _ = try await gateway.start()
            _ = try await resp?.start()
        } catch {
            await gateway.stop()
            await runtime.stop()
            throw error
        }
        logger.notice("serving HTTP on http://\(http)")
        if let endpoint = blueprint.member.respEndpoint { logger.notice("serving RESP on \(endpoint)") }
        if allowsFaults { logger.warning("this node lets programs of this machine cut and slow its links") }
        try await gracefulShutdown()
        logger.notice("stopping")
        // All at once, within one bound: from now on new requests are refused at every door, and what is given up is
        // answered before its connection is closed.
        async let commands: Void? = resp?.stop()
        async let requests: Void = gateway.stop()
        async let node: Void = runtime.stop()
        _ = await (commands, requests, node)
        logger.notice("stopped")
    }

    private func settings(of endpoint: Endpoint) -> RESPSettings {
        RESPSettings(
            host: endpoint.host, port: endpoint.port, maximumValue: configuration.replication.maximumValue,
            allowsConditional: configuration.resp.conditional == .bestEffort)
    }
}
