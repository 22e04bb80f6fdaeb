package import NIOCore
package import StatorCore

/// What gateways know of a node: submit operations, look inside, administer. A driver implements it; replies may come
/// on any thread, exactly once each.
package protocol NodePort: Sendable {
    var node: NodeID { get }

    /// The name of the cluster's hash, for clients that make tokens themselves.
    var hashName: String { get }

    /// The token of a key, by the cluster's hash.
    func token(of key: Key) -> Token

    /// Carries out one client operation. The reply comes within the request's time-out plus a second.
    func submit(_ request: ClientRequest, reply: @escaping @Sendable (ClientResponse) -> Void)

    /// The same without a closure for each request: the answer goes to the sink, with the tag, on the sink's loop, and
    /// maybe before this returns.
    /// - Precondition: called on the sink's loop.
    func submit(_ request: ClientRequest, to sink: any ReplySink, tag: UInt64)

    /// A picture of the whole node, taken now.
    func inspect(reply: @escaping @Sendable (NodeInspection) -> Void)

    /// Carries out an administrative action; the reply says in one sentence what was begun or why not.
    func administer(_ action: AdminAction, reply: @escaping @Sendable (AdminResponse) -> Void)

    /// Makes the node's links fail as an experiment asks, from now on; a node that was not started for experiments
    /// refuses.
    func inject(_ faults: NetworkFaults, reply: @escaping @Sendable (AdminResponse) -> Void)
}

/// Who submits many requests and tells their answers apart by tags of its own. It lives on one event loop.
package protocol ReplySink: AnyObject, Sendable {
    var eventLoop: any EventLoop { get }

    func answer(_ tag: UInt64, _ response: consuming ClientResponse)
}

extension NodePort {
    package func submit(_ request: ClientRequest, to sink: any ReplySink, tag: UInt64) {
        submit(request) { response in
            sink.eventLoop.execute { sink.answer(tag, response) }
        }
    }
}

/// How a node's links fail, in an experiment.
package struct NetworkFaults: Hashable, Sendable, CustomStringConvertible {
    /// Nothing is heard of these nodes and nothing reaches them, as if a cable was cut: connections that are open are
    /// silent, new ones are not made.
    package var cut: [NodeID]
    /// How much later everything that the node sends to others leaves it.
    package var delay: Duration

    package init(cut: [NodeID] = [], delay: Duration = .zero) {
        self.cut = cut
        self.delay = delay
    }

    package var description: String {
        var parts: [String] = []
        if !cut.isEmpty { parts.append("is cut off from \(cut.map(\.name).joined(separator: ", "))") }
        if delay > .zero { parts.append("sends \(Int(delay.milliseconds)) ms late") }
        return parts.isEmpty ? "has whole links again" : parts.joined(separator: "; ")
    }
}

package enum AdminAction: Hashable, Sendable {
    /// This node, so far outside, asks the members that it knows to let it in.
    case join
    /// This node leaves (`nil`), or a member that is still joining and does not answer is given up.
    case leave(NodeID?)
    /// Start a sync session for every range with every other replica now.
    case syncNow
}

package enum AdminResponse: Hashable, Sendable {
    case accepted(String)
    case refused(String)
}
