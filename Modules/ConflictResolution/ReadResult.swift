public import NIOCore
import StatorCore

/// What a body means to a client.
public struct ReadResult: Hashable, Sendable {
    /// All siblings in canonical order, tombstones included.
    public let versions: [Version]
    /// Covers every version of the body; handed back with a write, it supersedes them.
    public package(set) var context: ByteBuffer
    private let causalitySource: CausalitySource

    public init(versions: [Version], context: ByteBuffer, causality: String) {
        self.init(versions: versions, context: context, causality: .text(causality))
    }

    /// - Parameter causality: written out when somebody asks for it, as few reads do.
    init(versions: [Version], context: ByteBuffer, causality: CausalitySource) {
        self.versions = versions
        self.context = context
        causalitySource = causality
    }

    /// The causal metadata for people, as `explain` prints it, such as `{A/0/…: 3, B/0/…: 1}`. O(actors + siblings).
    public var causality: String { causalitySource.text }

    public var liveVersions: [Version] { versions.filter { $0.content != nil } }
    public var isTombstone: Bool { versions.allSatisfy { $0.content == nil } }
}

/// Causal metadata from which a text for people can be made.
enum CausalitySource: Hashable, Sendable {
    case text(String)
    case dotted(DottedBody)
    case clocked(ClockedBody)
    case timed(WriteOrder)

    var text: String {
        switch self {
        case .text(let text): text
        case .dotted(let body): body.causality
        case .clocked(let body): body.causality
        case .timed(let order): order.causality
        }
    }
}
