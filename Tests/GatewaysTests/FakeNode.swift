import ConflictResolution
import Dispatch
import Foundation
import Membership
import NIOCore
import Partitioning
import StatorCore
import Storage
import Sync

@testable import Replication

/// A node in memory: one sibling list a key, contexts that are the count of writes, and replies that a test can
/// hold back, replace or let come from another thread.
final class FakeNode: NodePort, @unchecked Sendable {
    let node = NodeID("A")
    private let lock = NSLock()
    private var records: [Key: [Version]] = [:]
    private var writes = 0
    private var scripted: ((ClientRequest) -> ClientResponse?)?
    private var delay: (ClientRequest) -> Int = { _ in 0 }
    private var held: [() -> Void]?
    private var seenRequests: [ClientRequest] = []
    private var seenActions: [AdminAction] = []
    private var picture = FakeNode.healthyPicture()

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    // MARK: What tests set and see

    func script(_ answer: ((ClientRequest) -> ClientResponse?)?) { locked { scripted = answer } }
    /// How many microseconds a reply takes.
    func delayReplies(_ pause: @escaping (ClientRequest) -> Int) { locked { delay = pause } }
    func change(_ body: (inout NodeInspection) -> Void) { locked { body(&picture) } }
    var requests: [ClientRequest] { locked { seenRequests } }
    var actions: [AdminAction] { locked { seenActions } }

    /// From now on replies wait for ``release()``.
    func hold() { locked { held = [] } }
    func release() {
        let waiting = locked { () -> [() -> Void] in
            defer { held = nil }
            return held ?? []
        }
        for reply in waiting { reply() }
    }

    // MARK: NodePort

    var hashName: String { "xxh3" }

    func token(of key: Key) -> Token {
        Token(key.bytes.readableBytesView.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    }

    func submit(_ request: ClientRequest, reply: @escaping @Sendable (ClientResponse) -> Void) {
        let response = locked { () -> ClientResponse in
            seenRequests.append(request)
            return scripted?(request) ?? carryOut(request)
        }
        let isHeld = locked { () -> Bool in
            guard held != nil else { return false }
            held?.append { reply(response) }
            return true
        }
        guard !isHeld else { return }
        let pause = locked { delay }(request)
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(pause)) { reply(response) }
    }

    func inspect(reply: @escaping @Sendable (NodeInspection) -> Void) {
        let picture = locked { self.picture }
        DispatchQueue.global().async { reply(picture) }
    }

    func administer(_ action: AdminAction, reply: @escaping @Sendable (AdminResponse) -> Void) {
        locked { seenActions.append(action) }
        if case .join = action { return reply(.refused("this node is a member already")) }
        reply(.accepted("begun"))
    }

    func inject(_ faults: NetworkFaults, reply: @escaping @Sendable (AdminResponse) -> Void) {
        let isAllowed = locked { picture.faults != nil }
        guard isAllowed else { return reply(.refused("node A was not started with --allow-faults")) }
        locked { picture.faults = faults }
        reply(.accepted(faults.description))
    }

    // MARK: Semantics

    private func carryOut(_ request: ClientRequest) -> ClientResponse {
        let versions = records[request.key] ?? []
        switch request.operation {
        case .get:
            guard !versions.isEmpty else { return .notFound(context: nil) }
            let result = result(versions)
            return result.isTombstone ? .notFound(context: result.context) : .found(result)
        case .explain: return .explained(explanation(request))
        case .update(let update): return carryOut(update, versions, request)
        case .write(let write):
            if let failure = check(request.options.precondition, versions) { return .failed(failure) }
            writes += 1
            let dot = Dot(
                actor: Actor(node: node, shard: 0, incarnation: 7), counter: UInt64(writes))
            let version = Version(
                content: write.content, dot: dot, wall: WallTime(microseconds: 1_700_000_000_000_000))
            var kept: [Version] = []
            switch write.basis {
            case .held: break
            case .nothing: kept = versions
            case .context(let context):
                guard let seen = context.getInteger(at: context.readerIndex, as: UInt64.self) else {
                    return .failed(.invalidContext("the context is not one that this cluster gave"))
                }
                kept = versions.filter { ($0.dot?.counter ?? 0) > seen }
            }
            let isFirst = versions.allSatisfy { $0.content == nil }
            records[request.key] = kept + [version]
            return .stored(StoredOutcome(node: node, isFirst: isFirst, context: result(kept + [version]).context))
        }
    }

    private func carryOut(_ update: ValueUpdate, _ versions: [Version], _ request: ClientRequest) -> ClientResponse {
        do {
            let (change, result) = try update.applied(to: versions.compactMap(\.content), maximum: 1 << 20)
            let content: Content?
            switch change {
            case .nothing: return .updated(UpdateOutcome(node: node, isWritten: false, result: result))
            case .store(let new): content = new
            case .delete: content = nil
            }
            _ = carryOut(
                ClientRequest(
                    key: request.key, token: request.token,
                    operation: .write(VersionWrite(content: content, basis: .held))))
            return .updated(UpdateOutcome(node: node, isWritten: true, result: result))
        } catch {
            return .failed(.notUpdated(error))
        }
    }

    private func check(_ precondition: Precondition?, _ versions: [Version]) -> ClientError? {
        switch precondition {
        case nil: nil
        case .absent: versions.allSatisfy { $0.content == nil } ? nil : .preconditionFailed
        case .context(let context): context == result(versions).context ? nil : .preconditionFailed
        }
    }

    private func result(_ versions: [Version]) -> ReadResult {
        let latest = versions.compactMap { $0.dot?.counter }.max() ?? 0
        return ReadResult(versions: versions, context: ByteBuffer(integer: latest), causality: "{A: \(latest)}")
    }

    private func explanation(_ request: ClientRequest) -> Explanation {
        Explanation(
            token: request.token, range: .full, epoch: Epoch(3), coordinator: node,
            preferenceList: [node, NodeID("B"), NodeID("C")], replicaCount: 2,
            replicas: [
                ReplicaExplanation(
                    node: node, hasAnswered: true, digest: Digest(0xAB), siblings: 1, causality: "{A: 1}",
                    hintsFor: [NodeID("B")], lastRepair: WallTime(microseconds: 1_700_000_000_123_456)),
                ReplicaExplanation(node: NodeID("B"), hasAnswered: false),
            ])
    }
}
