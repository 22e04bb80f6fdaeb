import NIOCore

/// When more is read, and what changes with the client's taking and ending.
extension RESPConnection {
    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { hasDeferredRead = true }
    }

    /// While something that is there waits to begin, no more is read.
    var mayRead: Bool {
        isEnding || (mayBegin && !hasHeldCommand && context?.channel.isWritable == true)
    }

    var hasHeldCommand: Bool { parser.pendingBytes > 0 && !parser.isWithinCommand }

    func readOn() {
        guard hasDeferredRead, mayRead else { return }
        hasDeferredRead = false
        context?.read()
    }

    /// The client has said all that it will: what it asked for is answered before the connection ends.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            hasInputEnded = true
            if isLingering { abandon() } else { take() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : .now()
        if context.channel.isWritable {
            assembly?.beginMore()
            take()
            flush()
            readOn()
        }
        context.fireChannelWritabilityChanged()
    }
}
