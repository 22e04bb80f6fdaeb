package import NIOCore
package import StatorCore

/// What one HTTP gateway needs to know beside the node it serves.
package struct HTTPSettings: Sendable {
    /// The address or host name to listen on.
    package var host: String
    /// 0 lets the system choose; ``HTTPGateway/start()`` returns what was chosen.
    package var port: Int
    /// The largest value that a client may store.
    package var maximumValue: ByteCount
    /// What `GET /config` answers: a JSON text, secrets masked.
    package var effectiveConfiguration: String
    /// The version of the program, for `/` and `/stats`.
    package var version: String

    /// Connections served at once; more are answered with 503 and closed.
    package var maximumConnections = 4096
    /// Requests of one connection read and not yet answered; beyond it the connection is not read.
    package var maximumPipelined = 16
    /// A connection without a request under way is closed after this long.
    package var idleTimeout: TimeAmount = .seconds(75)
    /// A request that has begun to arrive must be complete after this long, and a response taken by the client.
    package var transferTimeout: TimeAmount = .seconds(30)
    /// How long ``HTTPGateway/stop()`` lets requests under way end.
    package var stopGrace: TimeAmount = .seconds(5)

    package init(
        host: String, port: Int, maximumValue: ByteCount, effectiveConfiguration: String, version: String
    ) {
        self.host = host
        self.port = port
        self.maximumValue = maximumValue
        self.effectiveConfiguration = effectiveConfiguration
        self.version = version
    }
}

/// Limits of the HTTP gateway that need no setting.
enum HTTPLimits {
    /// The longest request target, in bytes: a key of 1 KiB percent-encoded and a query fit.
    static let maximumTarget = 8 << 10
    /// The longest header field and the largest header section, in bytes; contexts travel in a header.
    static let maximumHeaderField = 48 << 10
    static let maximumHeaderSection = 64 << 10
    /// What a JSON body may have beyond its value: the member names and a context.
    static let envelopeAllowance = 64 << 10
    /// A body that is read only to be thrown away, and the body of an administrative request.
    static let maximumIgnoredBody = 64 << 10
    static let maximumAdminBody = 4 << 10
    /// How long a connection that has been answered for the last time waits for the client's end of it, so that a
    /// client still sending reads the answer instead of a reset.
    static let lingering = TimeAmount.seconds(2)
    /// How much longer than its time-out a request waits for the node's reply before it is given up.
    static let replyAllowance = TimeAmount.seconds(5)
    /// The same for pages and administrative requests, which have no time-out of their own.
    static let pageTimeout = TimeAmount.seconds(30)
    /// Pages (`/stats` and the like) made at once by one gateway; more are refused with 503.
    static let maximumPagesInFlight = 64
    /// Streams of events (`/dashboard/stream`) open at once.
    static let maximumStreams = 64
    /// The most ranges that `/ring?partitions=true` lists.
    static let maximumRangesListed = 16_384
    /// `delay_ms` of faults: links shake hands in less than their deadline all the same.
    static let maximumFaultDelayMilliseconds = 3000
    /// `timeout_ms`.
    static let timeoutMilliseconds = 1...600_000
    /// Responses up to this size are written in one piece with their head.
    static let joinedBody = 16 << 10
}
