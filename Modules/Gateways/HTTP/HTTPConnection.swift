import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Replication
import StatorCore

/// One client's connection: requests in, responses out in the order of their requests.
///
/// Pipelined requests that change nothing are carried out side by side; one that changes something begins when all
/// before it are answered, and holds up those after it. Reading stops while ``HTTPSettings/maximumPipelined`` requests
/// are unanswered or the client does not take its responses, so a connection holds a bounded amount of memory.
///
/// Confined to its loop, where the node answers it too.
final class HTTPConnection: ChannelDuplexHandler, ReplySink, TurnConnection, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// No further request is taken; it ends with the last response.
        case ending
        /// The last response is written; what still arrives is thrown away until the client closes.
        case lingering
        case closed
    }

    let loop: GatewayLoop
    let eventLoop: any EventLoop
    var core: GatewayCore { loop.core }
    private let isRefused: Bool
    private(set) var context: ChannelHandlerContext?
    var phase = Phase.open
    var incoming: IncomingRequest?
    var exchanges = CircularBuffer<Exchange>()
    private var nextNumber: UInt64 = 0
    private var hasDeferredRead = false
    private var isProceeding = false
    private var hasUnflushed = false
    var isFlushPlanned = false
    var stream = Stream.none

    /// A last response without an end.
    enum Stream {
        case none
        /// Its first message is being made.
        case beginning
        case open
    }

    /// When something last happened, for the time-outs.
    var lastActivity = NIODeadline.now()
    var unwritableSince: NIODeadline?
    var lingeringSince = NIODeadline.now()

    /// - Parameter isRefused: there are too many connections: it is answered with an error and closed.
    init(loop: GatewayLoop, isRefused: Bool) {
        self.loop = loop
        eventLoop = loop.eventLoop
        self.isRefused = isRefused
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        if context.channel.isActive { began() }
    }

    func channelActive(context: ChannelHandlerContext) {
        began()
        context.fireChannelActive()
    }

    private func began() {
        guard isRefused, phase == .open else { return }
        refuse(.overloaded("this node has all the connections that it serves at once"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        incoming = nil
        exchanges.removeAll()
        context = nil
        loop.remove(self)
        if stream == .open { core.live.streamEnded() }
    }

    /// Ends after the requests that it has already taken.
    func stopAccepting() {
        guard stream == .none else { return abandon() }
        guard phase == .open else { return }
        phase = .ending
        incoming = nil
        endIfIdle()
    }

    func abandon() {
        context?.close(promise: nil)
    }

    // MARK: Requests in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes behind a request for a stream would never be answered.
        guard phase == .open, stream == .none else { return }
        lastActivity = .now()
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let part):
            guard incoming != nil else { return }
            if incoming?.take(part) == false {
                refuse(.tooLarge(limit: incoming?.bodyLimit ?? 0))
            }
        case .end:
            guard let request = incoming else { return }
            incoming = nil
            enqueue(request)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        proceed()
        context.fireChannelReadComplete()
    }

    private func begin(_ head: HTTPRequestHead) {
        let plan = Result { () throws(HTTPFailure) in try core.router.plan(head) }
        var limit = HTTPLimits.maximumIgnoredBody
        if case .success(let plan) = plan { limit = plan.bodyLimit(core.settings) }
        var request = IncomingRequest(head: head, plan: plan, bodyLimit: limit, began: lastActivity)
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        let expectation = head.headers.first(name: "expect")?.lowercased()
        if let expectation, head.version != .http1_0 {
            guard expectation == "100-continue" else {
                incoming = request
                return refuse(
                    HTTPFailure(.expectationFailed, "unknown_expectation", "Expect is understood as 100-continue only"))
            }
            request.awaitsContinue = true
        }
        incoming = request
        // A client that waits before it sends its body is told at once, one that does not has its body read.
        if case .failure(let failure) = plan, request.awaitsContinue || announced > limit {
            refuse(failure)
        } else if announced > limit {
            refuse(.tooLarge(limit: limit))
        }
    }

    private func enqueue(_ request: IncomingRequest) {
        let head = request.head
        // The parser stops at a request to change protocols; we answer it as it is and begin afresh.
        let closes = !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "upgrade")
        append(
            work(request), head: head, isSafe: (try? request.plan.get().isSafe) ?? true, closes: closes)
        if closes { phase = .ending }
    }

    private func work(_ request: IncomingRequest) -> Work {
        do throws(HTTPFailure) {
            switch try request.plan.get() {
            case .reply(let reply): return .reply(reply)
            case .operation(let operation, let answer): return .operation(operation, answer)
            case .page(let page): return .page(page)
            case .put(let plan):
                let operation = try plan.operation(body: request.body, core)
                return .operation(operation, KeyAnswer(kind: .put, key: plan.key))
            case .administer(let plan): return .administer(try core.router.action(plan, body: request.body))
            case .stream(let page): return .stream(page)
            case .inject(let faults):
                guard context?.remoteAddress?.isLoopback == true else { throw .remoteFaults }
                return .inject(faults)
            }
        } catch {
            return .reply(HTTPReply(error))
        }
    }

    /// Answers with a failure after which this connection cannot go on.
    func refuse(_ failure: HTTPFailure) {
        let head = incoming?.head ?? HTTPRequestHead(version: .http1_1, method: .GET, uri: "")
        incoming = nil
        phase = .ending
        append(.reply(HTTPReply(failure.closing())), head: head, isSafe: true, closes: true)
        proceed()
    }

    private func append(_ work: Work, head: HTTPRequestHead, isSafe: Bool, closes: Bool) {
        exchanges.append(
            Exchange(
                number: nextNumber, head: head, isSafe: isSafe, closes: closes, arrived: lastActivity, work: work))
        nextNumber += 1
    }

    // MARK: Work

    /// Begins what may begin, writes what is answered, and reads on where there is room.
    private func proceed() {
        // What is begun may be answered at once, in the middle of this.
        guard !isProceeding else { return }
        isProceeding = true
        repeat {
            start()
            write()
        } while exchanges.first?.isWaiting == true
        isProceeding = false
        sendContinue()
        if hasUnflushed { loop.planFlush(of: self) }
        endIfIdle()
        readOn()
    }

    /// What was answered during a turn leaves at its end.
    func flush() {
        guard hasUnflushed else { return }
        hasUnflushed = false
        context?.flush()
    }

    private func start() {
        var isExclusive = false
        for (place, exchange) in exchanges.enumerated() {
            guard case .waiting(let work) = exchange.state else {
                if case .running = exchange.state, !exchange.isSafe { isExclusive = true }
                continue
            }
            if place > 0 && (isExclusive || !exchange.isSafe) { return }
            exchange.state = .running
            begin(work, for: exchange)
            if !exchange.isSafe { isExclusive = true }
        }
    }

    private func begin(_ request: ClientRequest, _ answer: KeyAnswer, for exchange: Exchange) {
        let patience = request.options.timeout ?? .milliseconds(HTTPLimits.timeoutMilliseconds.upperBound)
        exchange.deadline = lastActivity + .nanoseconds(patience.nanoseconds) + HTTPLimits.replyAllowance
        exchange.answer = answer
        core.port.submit(request, to: self, tag: exchange.number)
    }

    private func begin(_ work: Work, for exchange: Exchange) {
        if case .operation(let request, let answer) = work { return begin(request, answer, for: exchange) }
        let number = exchange.number
        let eventLoop = loop.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let answered: @Sendable (HTTPReply) -> Void = { reply in
            eventLoop.execute { bound.value.answer(number, reply) }
        }
        switch work {
        case .reply(let reply): exchange.state = .answered(reply)
        case .operation: break
        case .page(let page):
            exchange.deadline = .now() + HTTPLimits.pageTimeout
            core.makePage(page, answer: answered)
        case .administer(let action):
            exchange.deadline = .now() + HTTPLimits.pageTimeout
            core.port.administer(action) { answered(AdminPage.reply($0)) }
        case .inject(let faults):
            exchange.deadline = .now() + HTTPLimits.pageTimeout
            let live = core.live
            core.port.inject(faults) { response in
                if case .accepted(let what) = response { live.tell(.faults, what) }
                answered(AdminPage.reply(response))
            }
        case .stream(let page):
            exchange.deadline = .now() + HTTPLimits.pageTimeout
            stream = .beginning
            core.makePage(page) { reply in eventLoop.execute { bound.value.beginStream(number, reply) } }
        }
    }

    /// The node's response to an operation.
    func answer(_ number: UInt64, _ response: consuming ClientResponse) {
        eventLoop.assertInEventLoop()
        guard phase != .closed, let first = exchanges.first, number >= first.number else { return }
        let offset = Int(number - first.number)
        guard offset < exchanges.count else { return }
        let exchange = exchanges[offset: offset]
        guard let answer = exchange.answer else { return }
        // What begins behind it has its time from now on.
        lastActivity = .now()
        loop.record(answer.kind, lastActivity - exchange.arrived)
        self.answer(exchange, answer.reply(response))
    }

    func answer(_ number: UInt64, _ reply: HTTPReply) {
        guard phase != .closed, let first = exchanges.first?.number, number >= first else { return }
        let offset = Int(number - first)
        guard offset < exchanges.count else { return }
        answer(exchanges[offset: offset], reply)
    }

    private func answer(_ exchange: Exchange, _ reply: HTTPReply) {
        guard case .running = exchange.state else { return }
        exchange.state = .answered(reply)
        proceed()
    }

    // MARK: Responses out

    private func write() {
        guard let context, phase == .open || phase == .ending else { return }
        while let exchange = exchanges.first, case .answered(let reply) = exchange.state {
            exchanges.removeFirst()
            let closes = exchange.closes || reply.closesConnection || (phase == .ending && exchanges.isEmpty)
            write(reply, to: exchange, closes: closes, context)
            guard !closes else { return linger(context) }
        }
    }

    private func write(_ reply: HTTPReply, to exchange: Exchange, closes: Bool, _ context: ChannelHandlerContext) {
        let frame = ReplyFrame(
            common: loop.commonHead, omitsBody: exchange.omitsBody, closes: closes,
            saysKeepAlive: exchange.saysKeepAlive)
        let hasBody = !exchange.omitsBody && reply.body.readableBytes > 0
        let joins = hasBody && reply.body.readableBytes <= HTTPLimits.joinedBody
        let head = reply.head(frame, joinsBody: joins, allocator: context.channel.allocator)
        context.write(wrapOutboundOut(head), promise: nil)
        if hasBody && !joins { context.write(wrapOutboundOut(reply.body), promise: nil) }
        hasUnflushed = true
        lastActivity = .now()
        loop.count(reply)
        core.logger.debug(
            "http",
            metadata: [
                "method": "\(exchange.method.rawValue)", "target": "\(exchange.uri)", "status": "\(reply.status.code)",
                "microseconds": "\((lastActivity - exchange.arrived).nanoseconds / 1000)",
            ])
    }

    /// `100 Continue` waits for its turn: it must not come between earlier responses.
    private func sendContinue() {
        guard let context, phase == .open, exchanges.isEmpty, incoming?.awaitsContinue == true else { return }
        incoming?.awaitsContinue = false
        guard incoming?.received == 0 else { return }
        context.write(wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        hasUnflushed = true
    }

    // MARK: The end

    func endIfIdle() {
        guard phase == .ending, exchanges.isEmpty, let context else { return }
        linger(context)
    }

    /// Closes our side after the last response, and the rest when the client has closed its own: closing a socket
    /// with unread bytes would reset the connection, and the client might never see the response.
    private func linger(_ context: ChannelHandlerContext) {
        guard phase != .lingering, phase != .closed else { return }
        phase = .lingering
        exchanges.removeAll()
        incoming = nil
        lingeringSince = .now()
        hasUnflushed = false
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.context?.close(mode: .output, promise: nil)
        }
        readOn()
    }

    // MARK: Bounds

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { hasDeferredRead = true }
    }

    private var mayRead: Bool {
        phase == .lingering
            || (exchanges.count < core.settings.maximumPipelined && context?.channel.isWritable == true)
    }

    private func readOn() {
        guard hasDeferredRead, mayRead else { return }
        hasDeferredRead = false
        context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : .now()
        readOn()
        context.fireChannelWritabilityChanged()
    }
}
