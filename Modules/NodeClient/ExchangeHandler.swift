internal import NIOCore
internal import NIOHTTP1

/// A request on its way through the pipeline, and who waits for its answer.
struct Exchange: Sendable {
    let call: HTTPCall
    let promise: EventLoopPromise<HTTPAnswer>
}

/// Writes a request's parts, puts its answer together and fulfils the promise with it.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private let authority: String
    private var promise: EventLoopPromise<HTTPAnswer>?
    private var answer: HTTPAnswer?
    private var isKeptAlive = true

    init(authority: String) {
        self.authority = authority
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard context.channel.isActive, self.promise == nil else {
            promise?.fail(NothingSent())
            return exchange.promise.fail(NothingSent())
        }
        self.promise = exchange.promise
        answer = nil
        write(exchange.call, context)
        promise?.succeed()
    }

    private func write(_ call: HTTPCall, _ context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: call.method, uri: call.target)
        head.headers.add(name: "Host", value: authority)
        head.headers.add(name: "User-Agent", value: "stator")
        for (name, value) in call.headers { head.headers.add(name: name, value: value) }
        if let body = call.body {
            head.headers.add(name: "Content-Length", value: String(body.readableBytes))
        } else if call.method == .POST {
            head.headers.add(name: "Content-Length", value: "0")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = call.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        // A refusal may come, and the connection close, while a large body is still under way: only the answer counts.
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isKeptAlive = head.isKeepAlive
            answer = HTTPAnswer(status: Int(head.status.code), headers: head.headers)
        case .body(let part):
            answer?.body.writeImmutableBuffer(part)
            if let size = answer?.body.readableBytes, size > NodeConnection.maximumBody {
                fail(AnswerTooLarge(), context)
            }
        case .end:
            guard let answer, let promise else { return context.close(promise: nil) }
            self.promise = nil
            if !isKeptAlive { context.close(promise: nil) }
            promise.succeed(answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ConnectionLost(), context)
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        promise?.fail(error)
        promise = nil
        context.close(promise: nil)
    }
}
