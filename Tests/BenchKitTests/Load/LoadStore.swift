import NIOCore
import NIOHTTP1
import StatorCore

/// What a node of a load's test stores and how it behaves. It may pause: for a while after every so many requests it
/// answers nobody. Confined to one loop.
final class LoadStore: @unchecked Sendable {
    struct Behaviour: Sendable {
        var requestsBetweenPauses = Int.max
        var pause = TimeAmount.zero
        /// How long each answer takes.
        var delay = TimeAmount.zero
        /// Answers nothing, ever.
        var isSilent = false
    }

    private struct Version {
        let number: Int
        let value: String?
    }

    private let behaviour: Behaviour
    private(set) var requests = 0
    private var resumes = NIODeadline.uptimeNanoseconds(0)
    private var latest = 0
    private var versions: [String: [Version]] = [:]

    init(_ behaviour: Behaviour = Behaviour()) {
        self.behaviour = behaviour
    }

    /// - Returns: when to answer; `nil` for never.
    fileprivate func took(at now: NIODeadline) -> NIODeadline? {
        requests += 1
        if behaviour.isSilent { return nil }
        let time = max(now + behaviour.delay, resumes)
        if requests.isMultiple(of: behaviour.requestsBetweenPauses) { resumes = now + behaviour.pause }
        return time
    }

    fileprivate func answer(_ request: HTTPRequestHead, _ body: String) -> (Int, type: String, String, context: String?)
    {
        let json = "application/json"
        let held = versions[request.uri] ?? []
        if request.method == .GET {
            let live = held.compactMap(\.value)
            let context = held.map { String($0.number) }.last
            switch live.count {
            case 0: return (404, json, #"{"error":{"code":"not_found"}}"#, context)
            case 1: return (200, "application/octet-stream", live[0], context)
            default:
                let siblings = live.map { #"{"value_base64":"\#(Base64.encode(ByteBuffer(string: $0)))"}"# }
                return (300, json, #"{"siblings":[\#(siblings.joined(separator: ","))]}"#, context)
            }
        }
        latest += 1
        let value = request.method == .PUT ? body : nil
        let kept: [Version] =
            switch request.headers.first(name: "x-stator-context") {
            case nil: []
            case "none": held
            case .some(let seen): held.filter { $0.number > Int(seen) ?? 0 }
            }
        versions[request.uri] = kept + [Version(number: latest, value: value)]
        return (200, json, #"{"status":"stored"}"#, String(latest))
    }
}

/// Serves a store on one connection, by the time of its loop.
final class LoadServerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let store: LoadStore
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ store: LoadStore) {
        self.store = store
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, "")
        case .body(let part): body += String(buffer: part)
        case .end:
            let now = context.eventLoop.now
            guard let head, let time = store.took(at: now) else { return }
            let answer = store.answer(head, body)
            if time <= now { return write(answer, context) }
            context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.write(answer, context) }
        }
    }

    private func write(_ answer: (Int, type: String, String, context: String?), _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.0))
        head.headers.add(name: "Content-Type", value: answer.type)
        head.headers.add(name: "Content-Length", value: "\(answer.2.utf8.count)")
        head.headers.add(name: "X-Stator-Node", value: "A")
        if let causality = answer.context { head.headers.add(name: "X-Stator-Context", value: causality) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.2)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
