import NIOCore
import NIOHTTP1

/// What a connection may last: idle, half sent, unread, unanswered.
extension HTTPConnection {
    /// Once a second: ends what has lasted too long.
    func housekeep(_ now: NIODeadline) {
        let settings = core.settings
        switch phase {
        case .closed: return
        case .lingering:
            if now - lingeringSince > HTTPLimits.lingering { abandon() }
        case .open, .ending:
            if let unwritableSince, now - unwritableSince > settings.transferTimeout { return abandon() }
            giveUpLate(now)
            guard exchanges.isEmpty, phase == .open else { return }
            if let incoming {
                guard now - incoming.began > settings.transferTimeout else { return }
                refuse(HTTPFailure(.requestTimeout, "request_timeout", "the request did not arrive in time"))
            } else if now - lastActivity > settings.idleTimeout {
                abandon()
            }
        }
    }

    /// A node that never replies must not hold a connection forever.
    private func giveUpLate(_ now: NIODeadline) {
        let late = exchanges.filter { exchange in
            guard case .running = exchange.state, let deadline = exchange.deadline else { return false }
            return deadline < now
        }
        for exchange in late {
            let code = exchange.isSafe ? "timeout" : "outcome_unknown"
            answer(exchange.number, HTTPReply(HTTPFailure(.gatewayTimeout, code, "the node did not reply in time")))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            incoming = nil
            if phase == .lingering || phase == .closed || exchanges.isEmpty || stream != .none {
                // What was answered in this turn has not left yet.
                flush()
                context.close(promise: nil)
            } else {
                phase = .ending
            }
        }
        context.fireUserInboundEventTriggered(event)
    }
}
