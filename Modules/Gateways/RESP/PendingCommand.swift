import NIOCore
import Replication
import StatorCore

/// A command under way.
struct PendingCommand {
    let form: RESPReplyForm
    let arrived: NIODeadline
    var token = Token.minimum
    var writes = false
    /// Of the value that it brings.
    var bytes = 0
    var answer = Answer.none

    enum Answer {
        case none
        case response(ClientResponse)
        case bytes(ByteBuffer)
    }
}
