internal import Checking
internal import ConflictResolution
internal import NIOCore
internal import StatorCore

/// The records that one resolver makes of one key's events.
struct KeyReplay {
    let key: ReplayKey
    let plan: ReplayPlan
    private let resolver: any ConflictResolver
    /// By position; `nil` where the resolver refused.
    private(set) var records: [ByteBuffer?] = []
    private var positionOfDot: [Dot: Int] = [:]
    private var positionOfValue: [ByteBuffer: Int] = [:]

    init(_ key: ReplayKey, _ plan: ReplayPlan, _ resolver: any ConflictResolver) {
        self.key = key
        self.plan = plan
        self.resolver = resolver
    }

    func operation(_ position: Int) -> HistoryOperation { plan.operations[key.event(position).operation] }

    mutating func makeRecords(_ outcome: inout ReplayOutcome) {
        records.reserveCapacity(key.events.count)
        for position in key.events.indices {
            do throws(ResolverError) {
                records.append(try record(of: position, &outcome))
            } catch {
                records.append(nil)
                noteRefusal(of: position, error, &outcome)
            }
        }
    }

    private mutating func record(
        of position: Int, _ outcome: inout ReplayOutcome
    ) throws(ResolverError) -> ByteBuffer {
        let event = key.events[position]
        let dot = Dot(actor: plan.coordinators.actors[event.coordinator], counter: event.counter)
        positionOfDot[dot] = position
        let operation = self.operation(position)
        var content: Content?
        if operation.kind == .write {
            let bytes = ByteBuffer(string: operation.value ?? "")
            positionOfValue[bytes] = position
            content = Content(form: .raw, bytes: bytes)
        }
        let existing = merged(event.direct.compactMap { records[$0] }, &outcome)
        let stamp = WriteStamp(
            dot: dot, wall: plan.coordinators.wall(of: event.coordinator, at: event.time),
            forgotAt: event.unseenCounter)
        return try resolver.body(
            of: VersionWrite(content: content, basis: try basis(of: operation, existing)), over: existing, stamp: stamp)
    }

    /// What the history says was superseded counts: a write that asked for a sibling, and got none, had seen something.
    private func basis(
        of operation: HistoryOperation, _ existing: ByteBuffer?
    ) throws(ResolverError) -> WriteBasis {
        if operation.basis == .held { return .held }
        guard let existing else { return .nothing }
        return .context(try resolver.read(existing).context)
    }

    private func noteRefusal(of position: Int, _ error: ResolverError, _ outcome: inout ReplayOutcome) {
        outcome.refused += 1
        if key.isAcknowledged(position) { outcome.refusedAcknowledged += 1 }
        let category = ReplayExample.Category.refused
        outcome.add(
            example(category, [position], "\(name(position)) would have been refused: \(error)"), category,
            atMost: plan.options.maximumExamples)
    }

    /// The merge of all, in pairs, so that a long list of siblings is not gone through once for each; `nil` of none.
    ///
    /// A merge that the resolver refuses leaves the first of the two.
    func merged(_ bodies: [ByteBuffer], _ outcome: inout ReplayOutcome) -> ByteBuffer? {
        var bodies = bodies
        while bodies.count > 1 {
            var next: [ByteBuffer] = []
            next.reserveCapacity((bodies.count + 1) / 2)
            for index in stride(from: 0, to: bodies.count, by: 2) {
                guard index + 1 < bodies.count else {
                    next.append(bodies[index])
                    continue
                }
                do throws(ResolverError) {
                    next.append(try resolver.merge(bodies[index], bodies[index + 1]))
                } catch {
                    outcome.refusedMerges += 1
                    next.append(bodies[index])
                }
            }
            bodies = next
        }
        return bodies.first
    }
}

/// What bodies show.
extension KeyReplay {
    /// The versions of a body as events.
    struct Shown {
        /// Positions, tombstones among them, each once, in rising order.
        var events: [Int] = []
        /// Those that are live.
        var live: [Int] = []
        /// Live versions of an event that another version is of.
        var repeated: [Int] = []
        /// Versions of no event.
        var strange = 0
        var valueBytes = 0
    }

    /// By the versions' dots, or their values where a resolver does not tell dots.
    func shown(by body: ByteBuffer) -> Shown {
        var shown = Shown()
        guard let versions = try? resolver.read(body).versions else {
            shown.strange += 1
            return shown
        }
        for version in versions {
            shown.valueBytes += version.content?.bytes.readableBytes ?? 0
            let found = version.dot.map { positionOfDot[$0] } ?? version.content.flatMap { positionOfValue[$0.bytes] }
            guard let event = found else {
                shown.strange += 1
                continue
            }
            if shown.events.contains(event) {
                if version.content != nil { shown.repeated.append(event) }
                continue
            }
            shown.events.append(event)
            if version.content != nil { shown.live.append(event) }
        }
        shown.events.sort()
        shown.live.sort()
        return shown
    }
}
