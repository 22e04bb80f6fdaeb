internal import NIOCore
package import NodeClient

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Runs the nodes of a cluster on this machine: starts and ends them, does to them what an experiment asks, and shows
/// what they say.
package actor Supervisor {
    package struct Settings: Sendable {
        /// Whether nodes may be killed, paused, cut off, slowed and wiped.
        package var allowsFaults = true
        /// Whether a node that ended by itself is started again.
        package var restarts = false

        package init() {}
    }

    static let readyLimit = Duration.seconds(60)
    private static let maximumListeners = 64
    private static let longestPause = Duration.seconds(30)

    let folder: ClusterFolder
    let settings: Settings
    var plan: ClusterPlan
    var nodes: [SupervisedNode]
    var story = ClusterStory()
    private let watch = NodeWatch()
    private var listeners: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
    private var nextListener = 0
    private var sentEvents = 1
    private var isEnding = false
    private var endWaiters: [CheckedContinuation<Void, Never>] = []
    /// What people at the terminal are told.
    private let tellPeople: @Sendable (String) -> Void

    package init(
        _ plan: ClusterPlan, folder: ClusterFolder, settings: Settings,
        tellPeople: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.folder = folder
        self.settings = settings
        self.tellPeople = tellPeople
        nodes = plan.nodes.map {
            SupervisedNode($0, folder: folder, program: plan.program, allowsFaults: settings.allowsFaults)
        }
    }

    func tell(_ text: String, about node: String? = nil) {
        story.tell(text, about: node)
        tellPeople(text)
    }

    package var isToEnd: Bool { isEnding }
    package var names: [String] { nodes.map(\.name) }
    package var urls: [NodeURL] { nodes.map(\.plan.http) }

    // MARK: Beginning and end

    /// Starts all nodes and waits until they serve; where one cannot, those that were started are ended again.
    package func start() async throws(ClusterError) {
        do {
            for node in nodes { try node.start() }
            let deadline = ContinuousClock.now + Self.readyLimit
            for node in nodes { try await waitUntilReady(node, until: deadline) }
            tell("started \(names.joined(separator: ", "))")
            try rememberNodes()
        } catch {
            let wasAsked = isEnding
            await endNodes()
            throw wasAsked ? .interrupted : error
        }
    }

    /// For the next `up`.
    func rememberNodes() throws(ClusterError) {
        let files = JSONValue.strings(nodes.map(\.plan.configuration))
        try Files.write(files.serialized + "\n", to: folder.nodeList)
    }

    /// Until the node serves; one that recovers much data is let go on, and told of.
    /// - Returns: whether it serves.
    @discardableResult
    func waitUntilReady(
        _ node: SupervisedNode, until deadline: ContinuousClock.Instant = .now + readyLimit
    ) async throws(ClusterError) -> Bool {
        while true {
            let answer = try? await HTTPClient.send(
                HTTPCall(target: "/ready", timeout: .seconds(2)), to: node.plan.http)
            if answer?.status == 200 { return true }
            if let ending = node.ending { throw .failure("node \(node.name) has ended: \(ending); \(node.lastWords)") }
            guard !isEnding, node.pid != nil else { throw .failure("node \(node.name) was ended meanwhile") }
            if ContinuousClock.now > deadline {
                guard let answer else { throw .failure("node \(node.name) does not answer; \(node.lastWords)") }
                tell("\(node.name) runs and does not serve yet: \(answer.errorMessage)", about: node.name)
                return false
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Ends all nodes in order.
    package func end() async {
        isEnding = true
        await endNodes()
        for listener in listeners.values { listener.finish() }
        listeners = [:]
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }

    private func endNodes() async {
        // All are told first: they then stop side by side.
        let running = nodes.filter { $0.pid != nil }
        for node in running { node.signalToEnd() }
        let deadline = ContinuousClock.now + SupervisedNode.stopLimit
        for node in running { await node.end(SIGTERM, until: deadline) }
    }

    /// Somebody asks for the end.
    package func requestEnd() {
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
        isEnding = true
    }

    /// Returns when somebody asks for the end.
    package func waitForEnd() async {
        guard !isEnding else { return }
        await withCheckedContinuation { endWaiters.append($0) }
    }

    // MARK: Watching

    /// Looks at all nodes once a second until the task is cancelled.
    package func watchNodes() async {
        while !Task.isCancelled, !isEnding {
            let next = ContinuousClock.now + .seconds(1)
            noticeEnds()
            await look()
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }

    private func look() async {
        let questions = nodes.filter { $0.state == .running }.map { node in
            NodeWatch.Question(name: node.name, url: node.plan.http, since: node.sample?["next"].integer ?? 0)
        }
        let answers = await watch.ask(questions)
        for node in nodes {
            let answer = answers.first { $0.name == node.name }
            node.sample = answer?.sample
            node.silence = answer?.silence
        }
        broadcast()
        // A node that was away, or began anew, has other faults than were asked for.
        for node in nodes where settings.allowsFaults && !node.isBusy {
            guard let faults = node.sample?["faults"], faults != .null else { continue }
            if !LinkFault(faults).isSame(as: node.faults) { try? await inject(node) }
        }
    }

    private func noticeEnds() {
        for node in nodes where node.state == .ended {
            if !node.hasToldOfEnd {
                node.hasToldOfEnd = true
                tell("\(node.name) has ended: \(node.ending ?? "nobody knows why")", about: node.name)
                if settings.restarts { node.restartsAt = ContinuousClock.now + node.restartPause }
            }
            guard let due = node.restartsAt, ContinuousClock.now >= due else { continue }
            node.restartPause = min(node.restartPause * 2, Self.longestPause)
            do throws(ClusterError) {
                try node.start()
                tell("\(node.name) is started again", about: node.name)
            } catch {
                node.restartsAt = ContinuousClock.now + node.restartPause
                tell("\(node.name) cannot be started again: \(error)", about: node.name)
            }
        }
    }

    // MARK: Who listens

    /// The state now, and every second from then on.
    func listen() -> AsyncStream<ByteBuffer> {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingNewest(4))
        guard !isEnding, listeners.count < Self.maximumListeners else {
            continuation.finish()
            return stream
        }
        let number = nextListener
        nextListener += 1
        listeners[number] = continuation
        continuation.onTermination = { _ in Task { await self.forget(number) } }
        continuation.yield(Self.frame(state(since: 0)))
        return stream
    }

    private func forget(_ listener: Int) {
        listeners[listener] = nil
    }

    private func broadcast() {
        let state = state(since: sentEvents)
        sentEvents = story.end
        let frame = Self.frame(state)
        for listener in listeners.values { listener.yield(frame) }
    }

    private static func frame(_ state: JSONValue) -> ByteBuffer {
        ByteBuffer(string: "data: \(state.serialized)\n\n")
    }

    /// What the dashboard draws.
    func state(since number: Int) -> JSONValue {
        .fields([
            "supervisor": .boolean(true), "time_ms": .integer(ClusterStory.now()),
            "started_ms": .integer(story.started), "allows_faults": .boolean(settings.allowsFaults),
            "nodes": .array(nodes.map(\.json)), "next": .integer(story.end),
            "events": .array(story.events(since: number).map(\.json)),
        ])
    }
}

extension SupervisedNode {
    var json: JSONValue {
        .fields([
            "node": .string(name), "url": .string(plan.http.description), "state": .string(state.rawValue),
            "pid": pid.map { .integer(Int($0)) } ?? .null, "ending": ending.map(JSONValue.string) ?? .null,
            "cut": .strings(faults.cut), "delay_ms": .integer(faults.delayMilliseconds),
            "silence": silence.map(JSONValue.string) ?? .null, "sample": sample ?? .null,
        ])
    }
}
