import NIOCore
import NIOHTTP1
import Replication

/// One request that has arrived whole, until its response is written. An object: it is large, and changes in its place.
final class Exchange {
    enum State {
        /// May not begin yet: one that is not safe is under way, or too many are.
        case waiting(Work)
        case running
        case answered(HTTPReply)
    }

    let number: UInt64
    let isSafe: Bool
    let omitsBody: Bool
    let saysKeepAlive: Bool
    /// No further request is read after it.
    let closes: Bool
    let arrived: NIODeadline
    /// For the log.
    let method: HTTPMethod
    let uri: String
    var state: State
    /// How the node's response to an operation is told.
    var answer: KeyAnswer?
    /// Given up then, whatever the node does.
    var deadline: NIODeadline?

    init(
        number: UInt64, head: HTTPRequestHead, isSafe: Bool, closes: Bool, arrived: NIODeadline, work: Work
    ) {
        self.number = number
        self.isSafe = isSafe
        omitsBody = head.method == .HEAD
        saysKeepAlive = head.version == .http1_0
        self.closes = closes
        self.arrived = arrived
        method = head.method
        uri = head.uri
        state = .waiting(work)
    }

    var isWaiting: Bool {
        if case .waiting = state { return true }
        return false
    }
}

/// What is to be done for a request, its body included.
enum Work {
    case reply(HTTPReply)
    case operation(ClientRequest, KeyAnswer)
    case page(Page)
    case administer(AdminAction)
    case inject(NetworkFaults)
    case stream(Page)
}

/// A request whose body is still coming.
struct IncomingRequest {
    var head: HTTPRequestHead
    /// A failure found in the head is answered when the body has passed, so that the connection can go on.
    var plan: Result<RequestPlan, HTTPFailure>
    var bodyLimit: Int
    var body = ByteBuffer()
    var received = 0
    /// The client waits for `100 Continue` before it sends the body.
    var awaitsContinue = false
    var began: NIODeadline

    var keepsBody: Bool {
        if case .success(let plan) = plan { return plan.keepsBody }
        return false
    }

    /// Takes a part of the body. A single part is kept as the slice it is.
    /// - Returns: false where it is more than the limit.
    mutating func take(_ part: ByteBuffer) -> Bool {
        received += part.readableBytes
        guard received <= bodyLimit else { return false }
        if keepsBody {
            if body.readableBytes == 0 { body = part } else { body.writeImmutableBuffer(part) }
        }
        return true
    }
}
