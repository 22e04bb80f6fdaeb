import NIOCore
import NIOHTTP1

/// What is not HTTP, or more of it than is taken.
extension HTTPConnection {
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After a failure the parser complains about everything that still arrives.
        if error is ByteToMessageDecoderError || stream != .none { return }
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        guard phase == .open else { return }
        switch error {
        case .headerOverflow:
            refuse(
                HTTPFailure(
                    .requestHeaderFieldsTooLarge, "headers_too_large",
                    "a header field has more than \(HTTPLimits.maximumHeaderField) bytes, or all together more than "
                        + "\(HTTPLimits.maximumHeaderSection)"))
        case .invalidVersion:
            refuse(HTTPFailure(.httpVersionNotSupported, "unsupported_version", "HTTP/1.0 and HTTP/1.1 are served"))
        case .invalidEOFState:
            // Half a request, and then the end: nobody waits for an answer to it.
            phase = .ending
            incoming = nil
            endIfIdle()
        default:
            refuse(.badRequest("malformed_request", "this is not HTTP: \(error)"))
        }
    }
}
