package import Replication
package import StatorCore
internal import Storage

/// Starting and stopping nodes, cutting and healing the network, turning clocks.
extension SimulatedCluster {
    package func startAll() {
        for node in nodes where !node.isUp { start(node.node) }
    }

    /// Starts a node that is down. One whose data cannot be opened stays down and says so in the log.
    /// - Returns: why it could not start, or `nil`.
    @discardableResult
    package func start(_ name: NodeID) -> String? {
        let node = simulated(name)
        precondition(!node.isUp, "\(name) runs already")
        let port = identityPort.map { port in { port(name, $0, $1) } }
        do {
            // What a start calls may call back, and draws from a generator of its own.
            var drawn = random
            defer { random = drawn }
            try node.start(random: &drawn, now: now(at: node), identityPort: port)
        } catch {
            note("\(name) cannot start: \(error)")
            node.crash()
            return "\(error)"
        }
        for shard in node.shards { listen(to: shard, of: node) }
        note("\(name) starts")
        mix(UInt64(node.index) << 8 | 6)
        observer?.restarted(node: node.index)
        begin(node)
        endTurn()
        if transport == .datagram { schedule(.linksAround(Int32(node.index)), after: .milliseconds(1)) }
        return nil
    }

    /// The process dies, and its kernel says so to its peers; or, by ``silentCrashes``, the machine loses its power.
    package func crash(_ name: NodeID) {
        let isSilent = transport == .tcp && silentCrashes > 0 && random.chance(silentCrashes)
        note("\(name) crashes\(isSilent ? " without a word" : "")")
        halt(simulated(name), isSilent: isSilent)
    }

    private func halt(_ node: SimulatedNode, isSilent: Bool = false) {
        mix(UInt64(node.index) << 8 | 7)
        if node.isPaused { pausedNodes -= 1 }
        node.crash()
        node.isPoweredOff = isSilent
        loseConnections(of: node, isSilent: isSilent)
        if transport == .datagram { schedule(.linksTo(Int32(node.index)), after: detection) }
    }

    package func restart(_ name: NodeID) {
        if simulated(name).isUp { crash(name) }
        start(name)
    }

    /// Stops a node in order: its dots are remembered, so it goes on in the same incarnation.
    package func stop(_ name: NodeID) {
        note("\(name) stops")
        let node = simulated(name)
        node.stop()
        halt(node)
    }

    /// The node handles nothing until it is resumed, as a process that is stopped by a signal or swapped out. Its peers
    /// keep their links.
    package func pause(_ name: NodeID) {
        let node = simulated(name)
        guard node.isUp, !node.isPaused else { return }
        note("\(name) is paused")
        node.isPaused = true
        pausedNodes += 1
    }

    package func resume(_ name: NodeID) {
        let node = simulated(name)
        guard node.isPaused else { return }
        note("\(name) goes on")
        node.isPaused = false
        pausedNodes -= 1
        var held: [SimulatedEvent] = []
        swap(&held, &node.held)
        for event in held { schedule(event, at: time) }
        observer?.resumed(node: node.index)
    }

    package func wipe(_ name: NodeID) {
        note("\(name)'s disk is replaced by an empty one")
        simulated(name).wipe()
        observer?.wiped(node: simulated(name).index)
    }

    /// What the node is made from at its next start.
    package func setBlueprint(_ blueprint: NodeBlueprint) {
        let node = simulated(blueprint.member.node)
        node.blueprint = blueprint
        listeners[blueprint.member.peerEndpoint] = node.index
    }

    package func blueprint(of name: NodeID) -> NodeBlueprint { simulated(name).blueprint }

    // MARK: Network

    /// Cuts every message between the groups, both ways.
    package func partition(_ groups: [[NodeID]]) {
        note("partition \(groups.map { $0.map(\.name).joined(separator: ",") }.joined(separator: " | "))")
        apply(.groups(groups.map { $0.map { simulated($0).index } }))
    }

    package func apply(_ shape: PartitionShape) {
        model.apply(shape)
        mix(8)
        if transport == .datagram { schedule(.allLinks, after: detection) }
    }

    package func lift(_ shape: PartitionShape) {
        model.lift(shape)
        mix(9)
        if transport == .datagram { schedule(.allLinks, after: .milliseconds(10)) }
    }

    package func heal() {
        note("the network heals")
        model.healAll()
        mix(10)
        if transport == .datagram { schedule(.allLinks, after: .milliseconds(10)) }
    }

    // MARK: Clocks

    package func setWallOffset(_ offset: Duration, of name: NodeID) {
        simulated(name).clock.wallOffset = offset.nanoseconds / 1000
    }

    package func setDrift(_ partsPerMillion: Int, of name: NodeID) {
        simulated(name).clock.setDrift(partsPerMillion, at: time)
    }
}
