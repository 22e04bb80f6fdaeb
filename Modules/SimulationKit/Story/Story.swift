internal import ConflictResolution
internal import NIOCore
internal import Replication
internal import Simulation
internal import StatorCore
internal import Sync

/// Tells a run step by step, for people: requests, messages, what reaches storage, faults.
struct Story {
    let filter: StoryFilter
    let resolver: any ConflictResolver

    /// The line for a step, or `nil` where it is not part of the story.
    func line(_ step: TraceStep) -> String? {
        switch step {
        case .note(let text): return isTold(about: text) ? text : nil
        case .sent(let from, let to, let message, let fate):
            guard tells(message, from, to) else { return nil }
            switch fate {
            case .travels: return "\(from) -> \(to)  \(text(message))"
            case .lost: return "\(from) -x \(to)  \(text(message))  (lost)"
            case .cut: return "\(from) -x \(to)  \(text(message))  (cut)"
            }
        case .delivered(let from, let to, let message):
            return tells(message, from, to) ? "\(to) <- \(from)  \(text(message))" : nil
        case .membershipSent(let from, let to, let message, _):
            guard case .everything = filter else { return nil }
            if case .strategy = message { return nil }
            return "\(from) -> \(to)  \(message)"
        case .applied(let node, let store, let record):
            guard tells(record.key, node) else { return nil }
            return "\(node) stores \(store == .hints ? "a hint: " : "")\(text(record))"
        case .removed(let node, let store, _, let key):
            guard tells(key, node) else { return nil }
            return "\(node) forgets \(store == .hints ? "a hint of " : "")\(name(key))"
        }
    }

    /// Faults concern everybody; a node's own lines only its story.
    private func isTold(about text: String) -> Bool {
        guard case .node(let name) = filter else { return true }
        let words = text.split(separator: " ").dropFirst()
        return words.contains { $0 == name || $0 == "\(name):" || $0.hasPrefix("\(name)/") }
    }

    private func tells(_ key: Key, _ node: NodeID) -> Bool {
        switch filter {
        case .everything: true
        case .key(let wanted): Story.isKey(name(key), wanted) || name(key).hasSuffix(wanted)
        case .node(let wanted): node.name == wanted
        }
    }

    private func tells(_ message: ShardMessage, _ from: NodeID, _ to: NodeID) -> Bool {
        switch filter {
        case .everything: true
        case .node(let wanted): from.name == wanted || to.name == wanted
        case .key(let wanted): keys(of: message).contains { Story.isKey(name($0), wanted) }
        }
    }

    /// Hints are stored under a longer name that ends in the key's.
    private func name(_ key: Key) -> String { key.displayText }

    private func keys(of message: ShardMessage) -> [Key] {
        switch message {
        case .forward(_, let request): [request.key]
        case .write(let write): [write.record.key]
        case .read(let read): [read.key]
        case .readReply(_, .held(let record?, _)): [record.key]
        case .syncPush(_, _, let records), .syncMerged(_, _, let records), .syncPulled(_, _, let records):
            records.map(\.key)
        case .syncPull(_, _, let references): references.map(\.key)
        case .transferPage(_, .records(let records, _, _)): records.map(\.key)
        case .cover(let request): request.entries.map(\.key)
        default: []
        }
    }

    // MARK: Text

    private func text(_ message: ShardMessage) -> String {
        switch message {
        case .forward(_, let request): "forward \(text(request))"
        case .forwardReply(_, let response): "forwarded: \(StoryText.response(response))"
        case .write(let write):
            "\(StoryText.purpose(write)) \(text(write.record))\(write.hintFor.map { " for \($0)" } ?? "")"
        case .writeReply(_, let outcome): "write: \(StoryText.outcome(outcome))"
        case .read(let read): "read \(name(read.key))\(read.isStandIn ? " (as a stand-in)" : "")"
        case .readReply(_, .held(let record, let counts)):
            "holds \(record.map { text($0) } ?? "nothing")\(counts ? "" : " (recovering, does not count)")"
        case .readReply(_, .same(_, let counts)):
            "holds the same\(counts ? "" : " (recovering, does not count)")"
        case .readReply(_, .refused(let refusal)): "read refused: \(refusal)"
        case .syncPush(_, _, let records): "sync push \(records.map { text($0) }.joined(separator: "; "))"
        case .syncMerged(_, _, let records): "sync merged \(records.map { text($0) }.joined(separator: "; "))"
        case .syncPull(_, _, let keys): "sync pull \(keys.map { name($0.key) }.joined(separator: ", "))"
        case .syncPulled(_, _, let records): "sync pulled \(records.map { text($0) }.joined(separator: "; "))"
        case .sync(let payload): "sync \(payload.session) \(payload.bytes.readableBytes) bytes"
        case .syncRefused(_, let reason): "sync refused: \(reason)"
        case .transfer(let request): "transfer \(request.range)"
        case .transferPage(_, .records(let records, _, _)): "page of \(records.count) records"
        case .transferPage(_, .refused(let refusal)): "transfer refused: \(refusal)"
        case .cover(let request): "cover \(request.entries.map { name($0.key) }.joined(separator: ", "))"
        case .coverReply(_, .differing(let positions)): "\(positions.count) records differ"
        case .coverReply(_, .refused(let refusal)): "cover refused: \(refusal)"
        case .explain(_, _, let key): "explain \(name(key))"
        case .explainReply: "explained"
        case .clock(let wall): "clock at \(wall.microseconds) µs"
        }
    }

    private func text(_ request: ClientRequest) -> String {
        switch request.operation {
        case .get: "get \(name(request.key))"
        case .explain: "explain \(name(request.key))"
        case .write(let write):
            write.content == nil
                ? "delete \(name(request.key))" : "put \(name(request.key)) = \(StoryText.value(write.content))"
        case .update(let update): "update \(name(request.key)) by \(update)"
        }
    }

    func text(_ record: StoredRecord) -> String {
        guard let meaning = try? resolver.read(record.body) else { return "\(name(record.key)) = (cannot be read)" }
        let versions = meaning.versions.map { StoryText.value($0.content) }.joined(separator: " | ")
        return "\(name(record.key)) = \(versions) [\(meaning.causality)]"
    }
}

/// Words of the story that need nothing else.
enum StoryText {
    static func value(_ content: Content?) -> String {
        guard let content else { return "(deleted)" }
        return content.operation.map { "v\($0)" } ?? String(buffer: content.bytes)
    }

    static func response(_ response: ClientResponse) -> String {
        switch response {
        case .value(let content): "found \(value(content))"
        case .found(let result): "found \(result.versions.map { value($0.content) }.joined(separator: " | "))"
        case .notFound: "not found"
        case .stored(let outcome): "stored by \(outcome.node)"
        case .updated(let outcome): "updated by \(outcome.node)\(outcome.isWritten ? "" : ", nothing written")"
        case .explained: "explained"
        case .failed(let error): "failed: \(error)"
        }
    }

    static func purpose(_ write: ReplicaWrite) -> String {
        switch write.purpose {
        case .write: write.hintFor == nil ? "write" : "hint"
        case .readRepair: "repair"
        case .hintDelivery: "deliver hint"
        case .handOver: "hand over"
        }
    }

    static func outcome(_ outcome: WriteOutcome) -> String {
        switch outcome {
        case .stored: "stored"
        case .refused(let refusal): "refused, \(refusal)"
        }
    }
}
