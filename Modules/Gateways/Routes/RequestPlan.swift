import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// What a request asks for, known from its head alone.
enum RequestPlan {
    /// Nothing to ask the node: the index, the configuration.
    case reply(HTTPReply)
    case operation(ClientRequest, KeyAnswer)
    /// A write that needs its body.
    case put(PutPlan)
    case page(Page)
    case administer(AdminPlan)
    /// Faults for an experiment; accepted from this machine only.
    case inject(NetworkFaults)
    /// A page that goes on.
    case stream(Page)

    /// How many bytes of a body are read, and whether they mean something.
    func bodyLimit(_ settings: HTTPSettings) -> Int {
        switch self {
        case .put(let plan): plan.bodyLimit(settings)
        case .administer: HTTPLimits.maximumAdminBody
        case .reply, .operation, .page, .inject, .stream: HTTPLimits.maximumIgnoredBody
        }
    }

    var keepsBody: Bool {
        switch self {
        case .put, .administer: true
        case .reply, .operation, .page, .inject, .stream: false
        }
    }

    /// Whether it changes nothing, so that pipelined requests may be carried out beside it (RFC 9112 section 9.3.2).
    var isSafe: Bool {
        switch self {
        case .reply, .page: true
        case .operation(_, let answer): answer.kind == .get || answer.kind == .explain
        // What follows a stream would never be answered: it begins when it is the first.
        case .put, .administer, .inject, .stream: false
        }
    }
}

/// A page made from an inspection of the node.
enum Page: Equatable {
    case stats
    case ring(listsRanges: Bool)
    case gossip
    case sync
    case metrics
    case health
    case ready
    /// - Parameter origin: of the page that asks, where it is another one's.
    case live(since: Int, origin: String?)
    case events(since: Int)
}

/// An administrative request, before its body names a node.
struct AdminPlan: Equatable {
    enum Verb: String {
        case join, leave, sync
    }

    var verb: Verb
    var node: NodeID?
}

/// A write of a value, before its body has come.
struct PutPlan {
    var key: Key
    var options: RequestOptions
    /// From the header; the body of a JSON write may have one instead.
    var basis: WriteBasis?
    var isJSON: Bool
    /// The media type of a raw value, empty for plain bytes.
    var mediaType: String

    func bodyLimit(_ settings: HTTPSettings) -> Int {
        settings.maximumValue.bytes + (isJSON ? HTTPLimits.envelopeAllowance : 0)
    }
}
