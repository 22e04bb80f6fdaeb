import NIOHTTP1
import NodeClient
import Synchronization

/// A store of one copy behind the interface of docs/http.md: versions are numbered, a context is the latest number seen.
final class ModelStore: Sendable {
    private struct Version {
        let number: Int
        /// As JSON; `nil` of a tombstone.
        let value: String?
    }

    private struct State {
        var latest = 0
        var versions: [String: [Version]] = [:]
        var requests: [ScriptedRequest] = []
    }

    private let state = Mutex(State())
    /// Acknowledges writes with these values and stores them not.
    private let lost: Set<String>

    init(losing lost: Set<String> = []) {
        self.lost = lost
    }

    /// Those to keys, in the order in which they came.
    var requests: [ScriptedRequest] { state.withLock { $0.requests } }

    func reply(_ request: ScriptedRequest) -> ScriptedReply {
        switch request.path {
        case "/ready": return .answer(200, #"{"status":"ready"}"#)
        case "/stats": return .answer(200, #"{"hints":{"pending":0}}"#)
        default: break
        }
        return state.withLock { state in
            state.requests.append(request)
            switch request.method {
            case .GET: return read(request, state)
            case .PUT: return write(request, JSONValue(parsing: Array(request.body.utf8))?["value"], &state)
            case .DELETE: return write(request, nil, &state)
            default: return .refusal(405, "method_not_allowed")
            }
        }
    }

    private func read(_ request: ScriptedRequest, _ state: State) -> ScriptedReply {
        let versions = state.versions[request.path] ?? []
        let live = versions.compactMap(\.value)
        guard let latest = versions.map(\.number).max() else { return .neverWritten }
        switch live.count {
        case 0: return .answer(404, #"{"error":{"code":"not_found"}}"#, context: "\(latest)")
        case 1: return .answer(200, #"{"value":\#(live[0])}"#, context: "\(latest)")
        default:
            let siblings = live.map { #"{"value":\#($0)}"# }.joined(separator: ",")
            return .answer(300, #"{"siblings":[\#(siblings)]}"#, context: "\(latest)")
        }
    }

    private func write(_ request: ScriptedRequest, _ value: JSONValue?, _ state: inout State) -> ScriptedReply {
        state.latest += 1
        let context = "\(state.latest)"
        if let text = value?.text, lost.contains(text) {
            return .answer(200, #"{"status":"stored"}"#, context: context)
        }
        let held = state.versions[request.path] ?? []
        let kept: [Version]
        switch request.context {
        case nil: kept = []
        case "none": kept = held
        case .some(let seen): kept = held.filter { $0.number > Int(seen) ?? 0 }
        }
        state.versions[request.path] = kept + [Version(number: state.latest, value: value?.serialized)]
        return .answer(200, #"{"status":"stored"}"#, context: context)
    }
}
