import NIOCore
import NIOHTTP1
import Replication
import StatorCore

/// A response without an end: server-sent events until either side closes.
extension HTTPConnection {
    /// Begins with what the page shows now; what is new follows every second.
    func beginStream(_ number: UInt64, _ first: HTTPReply) {
        guard let context, phase == .open || phase == .ending else { return }
        guard first.status == .ok else { return answer(number, first) }
        guard core.live.admitStream() else {
            return answer(number, HTTPReply(.overloaded("too many streams are open at once")))
        }
        stream = .open
        noDeadline(number)
        loop.subscribe(self)
        var head = first
        head.contentType = "text/event-stream"
        let frame = ReplyFrame(
            common: loop.commonHead, omitsBody: false, closes: true, saysKeepAlive: false)
        loop.count(head)
        let bytes = head.head(frame, joinsBody: false, allocator: context.channel.allocator, hasLength: false)
        context.write(wrapOutboundOut(bytes), promise: nil)
        push(LiveFeed.frame(first.body))
    }

    /// Sends one message; a client that does not take what it was sent misses this one.
    func push(_ frame: ByteBuffer) {
        guard stream == .open, phase == .open || phase == .ending, let context, context.channel.isWritable else {
            return
        }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        lastActivity = .now()
    }

    /// It lasts.
    func noDeadline(_ number: UInt64) {
        guard let first = exchanges.first?.number, number >= first, Int(number - first) < exchanges.count else {
            return
        }
        exchanges[exchanges.index(exchanges.startIndex, offsetBy: Int(number - first))].deadline = nil
    }
}
