internal import NIOCore
internal import NIOHTTP1
internal import NodeClient
internal import Processes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What somebody may have done to a cluster.
enum ClusterAction: Sendable {
    /// All that are down where no node is named.
    case start(String?)
    case stop(String)
    case add(String?)
    case remove(String)
    case kill(String)
    case pause(String)
    case resume(String)
    case wipe(String)
    case partition([[String]])
    case slow(String, milliseconds: Int)
    case heal
    case down

    var isFault: Bool {
        switch self {
        case .start, .stop, .add, .remove, .down: false
        case .kill, .pause, .resume, .wipe, .partition, .slow, .heal: true
        }
    }
}

extension Supervisor {
    /// - Returns: what was done, in a sentence.
    func carryOut(_ action: ClusterAction) async throws(ClusterError) -> String {
        guard settings.allowsFaults || !action.isFault else {
            throw .failure("this cluster was started with --no-faults")
        }
        switch action {
        case .start(let name): return try await startAgain(name)
        case .stop(let name): return try await end(name, by: SIGTERM, "stopped")
        case .kill(let name): return try await end(name, by: SIGKILL, "killed")
        case .pause(let name):
            let node = try running(name)
            node.pause()
            return done("\(name) is paused: it answers nobody and keeps its connections", name)
        case .resume(let name): return try await resume(name)
        case .wipe(let name): return try await wipe(name)
        case .partition(let groups): return try await partition(groups)
        case .slow(let name, let milliseconds):
            try node(name).faults.delayMilliseconds = milliseconds
            let late = await injectAll()
            return done(
                (milliseconds == 0 ? "\(name) is as fast as before" : "\(name) sends \(milliseconds) ms late") + late,
                name)
        case .heal:
            for node in nodes { node.faults = LinkFault() }
            return done("all links are whole again" + (await injectAll()))
        case .add(let name): return try await add(name)
        case .remove(let name): return try await remove(name)
        case .down:
            requestEnd()
            return "all nodes are being stopped"
        }
    }

    private func done(_ text: String, _ node: String? = nil) -> String {
        tell(text, about: node)
        return text
    }

    private func node(_ name: String) throws(ClusterError) -> SupervisedNode {
        guard let node = nodes.first(where: { $0.name == name }) else {
            throw .failure("there is no node \(name.prefix(64)): the nodes are \(names.joined(separator: ", "))")
        }
        guard !node.isBusy else { throw .failure("something is being done to node \(name) already") }
        return node
    }

    private func running(_ name: String) throws(ClusterError) -> SupervisedNode {
        let node = try node(name)
        guard node.pid != nil else { throw .failure("node \(name) does not run") }
        return node
    }

    // MARK: Processes

    private func startAgain(_ name: String?) async throws(ClusterError) -> String {
        let down = try name.map { name throws(ClusterError) in [try self.node(name)] } ?? nodes.filter { $0.pid == nil }
        guard !down.isEmpty else { return "all nodes run" }
        for node in down { node.isBusy = true }
        defer { for node in down { node.isBusy = false } }
        for node in down { try node.start() }
        let deadline = ContinuousClock.now + Self.readyLimit
        var slow: [String] = []
        for node in down where !(try await waitUntilReady(node, until: deadline)) { slow.append(node.name) }
        let names = down.map(\.name).joined(separator: ", ")
        guard slow.isEmpty else {
            throw .failure("started \(names); not serving yet: \(slow.joined(separator: ", "))")
        }
        return done("started \(names)", name)
    }

    private func end(_ name: String, by signal: Int32, _ what: String) async throws(ClusterError) -> String {
        let node = try node(name)
        if node.state == .ended {
            node.stayDown()
            return done("\(name) had ended already and stays down", name)
        }
        guard node.pid != nil else { throw .failure("node \(name) does not run") }
        node.isBusy = true
        defer { node.isBusy = false }
        let isInTime = await node.end(signal)
        return done("\(name) was " + (isInTime ? what : "killed, as it did not end in time"), name)
    }

    private func resume(_ name: String) async throws(ClusterError) -> String {
        let node = try running(name)
        node.resume()
        return done("\(name) goes on", name)
    }

    private func wipe(_ name: String) async throws(ClusterError) -> String {
        let node = try node(name)
        try node.checkWipe()
        node.isBusy = true
        defer { node.isBusy = false }
        await node.end(SIGKILL)
        try node.wipe()
        try node.start()
        tell("\(name) was killed, lost its disk, and is started again", about: name)
        let serves = try await waitUntilReady(node)
        return "\(name) was killed, lost its disk, and "
            + (serves ? "has recovered what it owns" : "is recovering what it owns")
    }

    // MARK: Links

    private func partition(_ groups: [[String]]) async throws(ClusterError) -> String {
        var sides = groups.filter { !$0.isEmpty }
        for name in sides.joined() { _ = try node(name) }
        let named = sides.flatMap(\.self)
        guard Set(named).count == named.count else { throw .failure("a node is named twice: it has one side only") }
        if sides.count == 1 { sides.append(names.filter { !named.contains($0) }) }
        guard sides.count >= 2, sides.allSatisfy({ !$0.isEmpty }) else {
            throw .failure("a partition has two sides at least, as in A,B|C,D")
        }
        for (index, side) in sides.enumerated() {
            let others = sides.enumerated().filter { $0.offset != index }.flatMap(\.element)
            for node in nodes where side.contains(node.name) { node.faults.cut = others }
        }
        for node in nodes where !sides.joined().contains(node.name) { node.faults.cut = [] }
        let late = await injectAll()
        return done("the network is cut: " + sides.map { $0.joined(separator: ",") }.joined(separator: " | ") + late)
    }

    /// Nodes that do not answer get it as soon as they do.
    /// - Returns: who does not, in words.
    private func injectAll() async -> String {
        var silent: [String] = []
        for node in nodes where node.state == .running {
            do { try await inject(node) } catch { silent.append(node.name) }
        }
        return silent.isEmpty ? "" : "; \(silent.joined(separator: ", ")) will follow when answering"
    }

    func inject(_ node: SupervisedNode) async throws(ClusterError) {
        try await ask(node, node.faults.target)
    }

    private func ask(_ node: SupervisedNode, _ target: String) async throws(ClusterError) {
        let answer: HTTPAnswer
        do throws(CallFailure) {
            answer = try await HTTPClient.send(
                HTTPCall(method: .POST, target: target, timeout: .seconds(5)), to: node.plan.http)
        } catch {
            throw .failure("\(node.name): \(error.why)")
        }
        guard answer.status == 202 else { throw .failure("\(node.name): \(answer.errorMessage)") }
    }

    // MARK: Members

    private func add(_ wanted: String?) async throws(ClusterError) -> String {
        let taken = names
        guard let pattern = nodes.first?.plan else { throw .failure("there is no node to join") }
        // A name is a node's forever: also that of a member that has left, or runs elsewhere.
        let known = Set(taken + nodes.flatMap { $0.plan.firstMembers.map(\.name) })
        guard let name = wanted ?? (0..<26).map(ClusterPlan.name).first(where: { !known.contains($0) }) else {
            throw .failure("there are \(taken.count) nodes already: name the new one")
        }
        guard !taken.contains(name) else { throw .failure("there is a node \(name) already") }
        guard !known.contains(name) else {
            throw .failure("the name \(name) is that of a member that has left or runs elsewhere: choose another")
        }
        let others = nodes.flatMap { $0.plan.addresses + $0.plan.firstMembers.flatMap(\.addresses) }
        let addresses = try NodeAddress.next(pattern.addresses, behind: others)
        try Files.makeFolder("\(folder.run)/config")
        let file = "run/config/\(name).json"
        try Files.write(
            pattern.file(named: name, addresses: addresses).serialized + "\n", to: "\(folder.path)/\(file)")
        let plan = try NodePlan.read(file, program: plan.program, overrides: [], folder: folder)
        let node = SupervisedNode(
            plan, folder: folder, program: self.plan.program, allowsFaults: settings.allowsFaults)
        node.isBusy = true
        defer { node.isBusy = false }
        nodes.append(node)
        do {
            try node.start()
            try await waitUntilAnswering(node)
            try await join(node)
        } catch {
            await node.end(SIGKILL)
            nodes.removeAll { $0 === node }
            throw error
        }
        try rememberNodes()
        return done("\(name) runs on \(plan.http) and joins", name)
    }

    /// Links that were just restored take a moment, in which the others let nobody in.
    private func join(_ node: SupervisedNode) async throws(ClusterError) {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            do throws(ClusterError) {
                return try await ask(node, "/admin/join")
            } catch {
                guard ContinuousClock.now < deadline, !isToEnd, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func waitUntilAnswering(_ node: SupervisedNode) async throws(ClusterError) {
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? await HTTPClient.send(HTTPCall(target: "/health", timeout: .seconds(2)), to: node.plan.http)) == nil
        {
            if let ending = node.ending { throw .failure("node \(node.name) has ended: \(ending); \(node.lastWords)") }
            guard ContinuousClock.now < deadline, !isToEnd, !Task.isCancelled else {
                throw .failure("node \(node.name) does not answer")
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func remove(_ name: String) async throws(ClusterError) -> String {
        let node = try running(name)
        guard nodes.contains(where: { $0 !== node && $0.state == .running }) else {
            throw .failure("no other node runs that could take over what \(name) owns")
        }
        try await ask(node, "/admin/leave")
        node.isBusy = true
        Task { await self.followLeaving(name) }
        return done("\(name) leaves, and is stopped when the others have what it owned", name)
    }

    /// Until the others hold it for gone; a node that ends meanwhile, or is let stay, is a member still.
    private func followLeaving(_ name: String) async {
        guard let node = nodes.first(where: { $0.name == name }) else { return }
        defer { node.isBusy = false }
        while node.pid != nil {
            try? await Task.sleep(for: .milliseconds(500))
            guard let other = nodes.first(where: { $0 !== node && $0.state == .running }) else { continue }
            let ring = try? await HTTPClient.send(HTTPCall(target: "/ring", timeout: .seconds(5)), to: other.plan.http)
            guard let ring, ring.status == 200 else { continue }
            let page = ring.json
            let entry = page["nodes"].elements.first { $0["node"].text == name }
            if let entry, !page["changing"].isTrue, entry["status"].text == "active" {
                // The first looks may come before the view that says so.
                let own = try? await HTTPClient.send(
                    HTTPCall(target: "/ring", timeout: .seconds(5)), to: node.plan.http)
                if own?.json["changing"].isTrue == false, own?.json["change_status"].text?.contains("refused") == true {
                    return tell("\(name) stays: \(own?.json["change_status"].text ?? "")", about: name)
                }
                continue
            }
            guard entry == nil, !page["changing"].isTrue else { continue }
            // It lets a record go when all owners hold it.
            let own = try? await HTTPClient.send(HTTPCall(target: "/stats", timeout: .seconds(5)), to: node.plan.http)
            guard own?.json["keys"]["records"].shown == "0" else { continue }
            await node.end(SIGTERM)
            nodes.removeAll { $0 === node }
            try? rememberNodes()
            return tell("\(name) has left and was stopped", about: name)
        }
    }
}
