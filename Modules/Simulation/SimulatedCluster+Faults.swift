internal import NodeCore
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
            node.crash(losesPower: false)
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

    /// The machine restarts, and says so to its peers; or, by ``silentCrashes``, it is gone without a word; or, by
    /// ``processKills``, only the process dies, and the kernel says so.
    package func crash(_ name: NodeID) {
        let isSilent = transport == .tcp && silentCrashes > 0 && random.chance(silentCrashes)
        let isKill = !isSilent && processKills > 0 && random.chance(processKills)
        note("\(name) \(isKill ? "is killed" : isSilent ? "crashes without a word" : "crashes")")
        halt(simulated(name), isSilent: isSilent, losesPower: !isKill)
    }

    private func halt(_ node: SimulatedNode, isSilent: Bool = false, losesPower: Bool = true) {
        mix(UInt64(node.index) << 8 | 7)
        if node.isPaused { pausedNodes -= 1 }
        node.crash(losesPower: losesPower)
        node.isPoweredOff = isSilent
        loseConnections(of: node, isSilent: isSilent)
        if transport == .datagram { schedule(.linksTo(Int32(node.index)), after: detection) }
    }

    package func restart(_ name: NodeID) {
        if simulated(name).isUp { crash(name) }
        start(name)
    }

    /// A node begins to stop in order: it refuses new requests, and is down once what was under way has ended; see
    /// ``SimulationObserver/stopped(node:)``.
    package func beginStopping(_ name: NodeID) {
        let node = simulated(name)
        guard node.isUp, node.drain == nil else { return }
        note("\(name) is stopping")
        node.beginStopping(now: now(at: node).monotonic)
        for shard in node.shards.indices { run(node, shard: shard, .stopping) }
        endTurn()
        schedule(.stopPoll(Int32(node.index), life: node.life))
    }

    func lookWhetherStopped(_ node: SimulatedNode) {
        guard node.mayStop(now: now(at: node).monotonic) else {
            return schedule(.stopPoll(Int32(node.index), life: node.life), after: NodeCoreLimits.stopPoll)
        }
        stop(node.node)
        watcher?.stopped(node: node.index)
    }

    /// Stops a node in order, at once: all that it wrote is durable, and its folder says so.
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

    /// The files of a node's disk as they are now: a backup, or a snapshot of the volume.
    package func save(_ name: NodeID) -> SimulatedDisk { simulated(name).disk.copy() }

    /// A node that is down gets back what was saved.
    /// - Parameters:
    ///   - prefix: only files whose paths begin with it; the others stay as they are.
    ///   - asCopies: the files were copied; otherwise they are the same ones as before.
    package func restore(_ name: NodeID, _ saved: SimulatedDisk, under prefix: String = "/", asCopies: Bool) {
        note("\(name)'s files \(prefix)... are put back from \(asCopies ? "a copy" : "a snapshot")")
        simulated(name).restore(saved, under: prefix, asCopies: asCopies)
    }

    /// What the node is made from at its next start.
    package func setBlueprint(_ blueprint: NodeBlueprint) {
        let node = simulated(blueprint.member.node)
        node.blueprint = blueprint
        listeners[blueprint.member.peerEndpoint] = node.index
    }

    package func blueprint(of name: NodeID) -> NodeBlueprint { simulated(name).blueprint }

    /// Whether the node's folder remembers a lease that others have witnessed.
    package func hasLease(_ name: NodeID) -> Bool { simulated(name).folder?.identity.lease != nil }

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
