internal import NIOCore

/// One session's connection to one node: cuts what comes into answers, and tells the driver when it is lost.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let driver: LoadDriver
    let session: Int
    let node: Int
    private let dialect: any StoreDialect
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()

    init(driver: LoadDriver, session: Int, node: Int, dialect: any StoreDialect) {
        self.driver = driver
        self.session = session
        self.node = node
        self.dialect = dialect
    }

    var isOpen: Bool { context?.channel.isActive ?? false }

    /// All requests of an operation in one piece.
    func send(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func close() {
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        driver.count(received: bytes.readableBytes)
        if received.readableBytes == 0 { received = bytes } else { received.writeImmutableBuffer(bytes) }
        do throws(AnswerFormatError) {
            while received.readableBytes > 0, let answer = try dialect.decode(&received) {
                driver.answered(answer, by: self)
            }
        } catch {
            driver.lost(self, .unreadable("\(error)"))
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver.lost(self, .connectionLost)
        context.fireChannelInactive()
    }
}

/// Why a request that was sent, or was to be, has no answer.
enum LoadLoss {
    case notConnected(String)
    case connectionLost
    case inTime
    case unreadable(String)
    case cancelled

    /// By which errors are counted.
    var code: String {
        switch self {
        case .notConnected: "not_connected"
        case .connectionLost: "connection_lost"
        case .inTime: "no_answer_in_time"
        case .unreadable: "unreadable_answer"
        case .cancelled: "cancelled"
        }
    }
}
