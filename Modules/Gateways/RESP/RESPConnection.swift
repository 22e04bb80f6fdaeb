import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// One client's connection: commands in, replies out in the order of their commands.
///
/// Commands are carried out side by side, but for two of the same key of which one writes: the later one waits, so that
/// a client reads what it wrote, as Redis has it. Replies leave at the end of the loop's turn, each connection's in one
/// piece: what all connections have sent is carried out first, which measured a tenth faster than writing after each
/// connection's. It takes no further commands while too many are under way or the client does not take its replies, so a
/// connection holds a bounded amount of memory.
///
/// Confined to its loop, where the node answers it too.
final class RESPConnection: ChannelDuplexHandler, ReplySink, TurnConnection, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    let loop: GatewayLoop
    let core: RESPCore
    let eventLoop: any EventLoop
    var context: ChannelHandlerContext?

    var parser: RESPParser
    var version = RESPVersion.two
    var clientName = ""
    private var out = ByteBuffer()

    /// Commands begun and not answered, in order.
    private var pending = CircularBuffer<PendingCommand>(initialCapacity: 32)
    private var firstTag: UInt64 = 0
    /// Of the values that commands under way bring.
    private var pendingBytes = 0
    /// The command of many keys under way.
    var assembly: RESPAssembly?
    /// The present command and those after it begin when all before them are answered.
    private var isExclusive = false
    /// Whether commands are being taken from the parser: answers that come at once must not begin that anew.
    private var isTaking = false
    /// Of the latest replies, in bytes; what is not known yet is taken for this.
    private var largestReply = 16 << 10

    private var arrived = NIODeadline.now()
    /// Answered in this turn of those that arrived in it, by kind.
    private var answeredNow = InlineArray<4, Int>(repeating: 0)

    var isEnding = false
    /// What it sends is not meant for this port: it is closed at once, without an answer.
    private var isForeign = false
    var hasInputEnded = false
    var isLingering = false
    private var isClosed = false
    var hasDeferredRead = false
    var isFlushPlanned = false
    var unwritableSince: NIODeadline?
    var incompleteSince: NIODeadline?
    private var countedBytes = 0

    init(loop: GatewayLoop, core: RESPCore) {
        self.loop = loop
        self.core = core
        eventLoop = loop.eventLoop
        parser = RESPParser(maximumCommand: core.settings.maximumValue.bytes + RESPLimits.commandAllowance)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        context = nil
        pending.removeAll()
        assembly = nil
        parser.discard()
        countIncomplete()
        out = ByteBuffer()
        loop.remove(self)
        core.connectionEnded()
    }

    /// Ends after the commands that it has begun.
    func stopAccepting() {
        guard !isClosed else { return }
        isEnding = true
        parser.discard()
        endIfDone()
    }

    func abandon() {
        context?.close(promise: nil)
    }

    func endIfDone() {
        guard isEnding, pending.isEmpty, !isTaking, !isLingering, let context else { return }
        isLingering = true
        recordAnswered()
        let last = out
        out = ByteBuffer()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        // Once all has left; closing with something unread would reset the connection, and the client might lose it.
        context.writeAndFlush(wrapOutboundOut(last)).whenComplete { _ in
            let connection = bound.value
            connection.context?.close(mode: .output, promise: nil)
            if connection.hasInputEnded { return connection.abandon() }
            connection.eventLoop.scheduleTask(in: HTTPLimits.lingering) { bound.value.abandon() }
        }
        readOn()
    }

    /// Called every second.
    func housekeep(_ now: NIODeadline) {
        let limit = core.settings.transferTimeout
        if let since = unwritableSince, now - since > limit { return abandon() }
        if let since = incompleteSince, now - since > limit, pending.isEmpty { abandon() }
    }

    // MARK: Commands in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding, !isClosed else { return }
        arrived = .now()
        parser.append(unwrapInboundIn(data))
        take()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if out.readableBytes > 0 { loop.planFlush(of: self) }
        context.fireChannelReadComplete()
    }

    /// Begins the commands that are there, as long as more may begin.
    func take() {
        guard !isTaking else { return }
        isTaking = true
        do throws(RESPProtocolError) {
            while !isEnding, mayBegin {
                guard try parser.next() else {
                    // The client has said all that it will.
                    if hasInputEnded { isEnding = true }
                    break
                }
                guard parser.arguments.isEmpty || beginCommand() else { break }
                parser.consume()
                incompleteSince = nil
                if out.readableBytes >= RESPLimits.replyPiece { flush() }
            }
        } catch {
            refuse(error)
        }
        isTaking = false
        if isForeign { return abandon() }
        countIncomplete()
        endIfDone()
    }

    /// It speaks HTTP: a page in a browser can have the commands in a request's body carried out where nobody else can
    /// reach the node. Nothing more of it is read.
    func endAsForeign() {
        isForeign = true
        isEnding = true
        loop.countProtocolError()
        core.warnOfHTTP(from: context?.channel.remoteAddress, at: eventLoop.now)
    }

    var mayBegin: Bool {
        if isExclusive { return false }
        guard !pending.isEmpty else { return context?.channel.isWritable == true }
        return pending.count < core.settings.maximumPipelined
            && pending.count * largestReply <= RESPLimits.replyWindow && pendingBytes <= RESPLimits.requestWindow
            && context?.channel.isWritable == true
    }

    private func refuse(_ error: RESPProtocolError) {
        loop.countProtocolError()
        parser.discard()
        isEnding = true
        reply { $0.writeRESPError("ERR Protocol error: \(error.description)") }
    }

    /// What half-sent commands take of memory, and since when.
    private func countIncomplete() {
        let bytes = parser.isWithinCommand ? parser.pendingBytes : 0
        guard bytes != countedBytes || bytes > 0 else { return }
        loop.incompleteBytes += bytes - countedBytes
        countedBytes = bytes
        if bytes == 0 {
            incompleteSince = nil
        } else {
            if incompleteSince == nil { incompleteSince = arrived }
            if loop.incompleteBytes > RESPLimits.maximumIncomplete, bytes > RESPLimits.maximumInline { abandon() }
        }
    }

    // MARK: What commands do

    /// Whether nothing under way touches the key in a way that order matters.
    func isFree(_ token: Token, writes: Bool) -> Bool {
        guard !pending.isEmpty else { return true }
        for command in pending where command.token == token && (writes || command.writes) { return false }
        return true
    }

    var isIdle: Bool { pending.isEmpty }

    /// One operation on one key.
    func submit(_ request: ClientRequest, _ form: RESPReplyForm) {
        let tag = firstTag + UInt64(pending.count)
        var command = PendingCommand(form: form, arrived: arrived)
        command.token = request.token
        switch request.operation {
        case .write(let write):
            command.writes = true
            command.bytes = write.content?.bytes.readableBytes ?? 0
            pendingBytes += command.bytes
        case .update(let update):
            command.writes = true
            command.bytes = update.givenBytes
            pendingBytes += command.bytes
        case .get, .explain: break
        }
        pending.append(command)
        core.port.submit(request, to: self, tag: tag)
    }

    /// A command of several operations, or one that the gateway answers later: nothing runs beside it.
    /// - Precondition: nothing is under way.
    /// - Returns: what to answer it by.
    func beginAlone() -> UInt64 {
        precondition(pending.isEmpty, "a command of several operations runs alone")
        pending.append(PendingCommand(form: .bytes, arrived: arrived))
        isExclusive = true
        return firstTag
    }

    func beginAlone(_ assembly: RESPAssembly) { self.assembly = assembly }

    /// A part of the reply of the command that runs alone.
    func append(_ write: (inout ByteBuffer) -> Void) {
        write(&out)
        if out.readableBytes >= RESPLimits.replyPiece { flush() }
    }

    /// How many operations of the command that runs alone may be under way: none while the client takes nothing.
    var operationWindow: Int {
        guard let context, context.channel.isWritable else { return 0 }
        return max(1, min(128, RESPLimits.replyWindow / max(1, largestReply)))
    }

    func note(replyOf bytes: Int) { largestReply = max(bytes, largestReply - largestReply >> 6) }

    var isGone: Bool { isClosed }

    /// An answer that is known at once.
    func reply(_ write: (inout ByteBuffer) -> Void) {
        if pending.isEmpty {
            write(&out)
        } else {
            var bytes = ByteBuffer()
            write(&bytes)
            var command = PendingCommand(form: .bytes, arrived: arrived)
            command.answer = .bytes(bytes)
            pending.append(command)
        }
    }

    func end() {
        isEnding = true
    }

    // MARK: Answers

    func answer(_ tag: UInt64, _ response: consuming ClientResponse) {
        eventLoop.assertInEventLoop()
        guard !isClosed, tag >= firstTag else { return }
        let offset = Int(tag - firstTag)
        guard offset < pending.count else { return }
        if offset == 0 {
            let command = removeFirst()
            write(response, command)
            if !pending.isEmpty { writeAnswered() }
            proceed()
        } else {
            pending[pending.index(pending.startIndex, offsetBy: offset)].answer = .response(response)
        }
    }

    /// The whole reply of a command of several operations.
    func answer(_ tag: UInt64, bytes: ByteBuffer) {
        eventLoop.assertInEventLoop()
        guard !isClosed, tag >= firstTag, Int(tag - firstTag) < pending.count else { return }
        let index = pending.index(pending.startIndex, offsetBy: Int(tag - firstTag))
        pending[index].answer = .bytes(bytes)
        writeAnswered()
        proceed()
    }

    private func writeAnswered() {
        while let command = pending.first {
            switch command.answer {
            case .none: return
            case .response(let response): write(response, command)
            case .bytes(let bytes):
                count(bytes.readableBytes)
                out.writeImmutableBuffer(bytes)
            }
            _ = removeFirst()
        }
    }

    private func removeFirst() -> PendingCommand {
        let command = pending.removeFirst()
        firstTag += 1
        pendingBytes -= command.bytes
        return command
    }

    private func write(_ response: borrowing ClientResponse, _ command: PendingCommand) {
        let before = out.readableBytes
        command.form.write(response, version, into: &out)
        count(out.readableBytes - before)
        guard let kind = command.form.kind else { return }
        if command.arrived == arrived {
            answeredNow[kind.rawValue] += 1
        } else {
            loop.record(kind, .now() - command.arrived, count: 1)
        }
    }

    private func count(_ bytes: Int) {
        loop.countCommand()
        note(replyOf: bytes)
    }

    /// Something was answered: others may begin, and what was written leaves at the end of the turn.
    private func proceed() {
        if pending.isEmpty {
            isExclusive = false
            assembly = nil
        }
        guard !isTaking else { return }
        if out.readableBytes >= RESPLimits.replyPiece { flush() }
        take()
        loop.planFlush(of: self)
        readOn()
    }

    // MARK: Replies out

    /// Writes what is answered, in one piece.
    func flush() {
        guard out.readableBytes > 0, let context else { return }
        recordAnswered()
        // Taken out first: the write may change writability, which comes back here before it returns.
        var bytes = ByteBuffer()
        swap(&bytes, &out)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        // Where the socket took all of it the storage is used again.
        if out.readableBytes == 0, bytes.capacity <= 4 * RESPLimits.replyPiece {
            bytes.clear()
            swap(&bytes, &out)
        }
        if !isTaking { readOn() }
    }

    private func recordAnswered() {
        var elapsed: TimeAmount?
        for kind in KeyAnswer.Kind.allCases where answeredNow[kind.rawValue] > 0 {
            let time = elapsed ?? (.now() - arrived)
            elapsed = time
            loop.record(kind, time, count: answeredNow[kind.rawValue])
            answeredNow[kind.rawValue] = 0
        }
    }
}
