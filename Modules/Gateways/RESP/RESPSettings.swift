package import NIOCore
package import StatorCore

/// What one RESP gateway needs to know beside the node that it serves.
package struct RESPSettings: Sendable {
    /// The address or host name to listen on.
    package var host: String
    /// 0 lets the system choose; ``RESPGateway/start()`` returns what was chosen.
    package var port: Int
    /// The largest value that a client may store.
    package var maximumValue: ByteCount
    /// Whether commands that look before they write (NX, XX, INCR, ...) are carried out as the coordinator's checks,
    /// which another write may slip past; otherwise they are refused.
    package var allowsConditional: Bool

    /// Connections served at once; more are answered with an error and closed.
    package var maximumConnections = 16_384
    /// Commands of one connection begun and not yet answered; beyond it no further one is taken.
    package var maximumPipelined = 1024
    /// A client that does not take its replies, or leaves a command half sent, is cut off after this long.
    package var transferTimeout: TimeAmount = .seconds(30)
    /// How long ``RESPGateway/stop()`` lets commands under way end.
    package var stopGrace: TimeAmount = .seconds(5)

    package init(host: String, port: Int, maximumValue: ByteCount, allowsConditional: Bool) {
        self.host = host
        self.port = port
        self.maximumValue = maximumValue
        self.allowsConditional = allowsConditional
    }
}

/// Limits of the RESP gateway that need no setting.
enum RESPLimits {
    /// An inline command, and the line before an argument, in bytes; as in Redis.
    static let maximumInline = 64 << 10
    static let maximumHeader = 32
    /// Arguments of one command.
    static let maximumArguments = 1 << 16
    /// What the arguments of one command beyond its value may take.
    static let commandAllowance = 8 << 20
    /// What half-sent commands of all connections of one loop may take together.
    static let maximumIncomplete = 512 << 20
    /// Replies are handed to the channel in pieces of this size where much is answered at once.
    static let replyPiece = 256 << 10
    /// Commands begin only while what those under way may bring, going by the largest of the latest replies, is no more.
    static let replyWindow = 4 << 20
    /// Commands begin only while the values that those under way bring are no more.
    static let requestWindow = 8 << 20
    /// Between two warnings of clients that speak HTTP.
    static let warningInterval = TimeAmount.minutes(1)
    /// The channel counts as full with this much not yet written.
    static let highWaterMark = 1 << 20
    static let lowWaterMark = 256 << 10
}
