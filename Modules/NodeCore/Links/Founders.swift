internal import Hashing
internal import NIOConcurrencyHelpers
internal import NIOCore
package import StatorCore

/// The members of a cluster's first view, in a few words that nodes compare in their handshake.
///
/// Later views are agreed on. The first one is what each node's configuration says: where names, zones or weights differ, the
/// same epoch would have two placements. Addresses place nothing and may differ.
package final class Founders: Sendable {
    private let told: String
    private let isOver = NIOLockedValueBox(false)

    /// - Parameter view: what the node starts with. One of a later epoch, or one that it is no member of, tells nothing.
    package init(view: View, node: NodeID) {
        told = view.epoch == View.first && view.contains(node) ? Founders.text(of: view) : ""
    }

    /// Empty once the view is a later one.
    package var text: String { isOver.withLockedValue { $0 } ? "" : told }

    package func follow(_ view: View) {
        if view.epoch > View.first { isOver.withLockedValue { $0 = true } }
    }

    private static func text(of view: View) -> String {
        var bytes = ByteBuffer()
        for member in view.members {
            for text in [member.node.name, member.zone, "\(member.weight)"] {
                bytes.writeInteger(UInt32(text.utf8.count))
                bytes.writeString(text)
            }
        }
        let digest = String(XXHash.xxh3(bytes), radix: 16)
        return "\(view.members.count) members with names, zones and weights of digest \(digest)"
    }
}
