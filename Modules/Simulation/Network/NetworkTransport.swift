/// What carries messages between simulated nodes.
package enum NetworkTransport: String, CaseIterable, Sendable {
    /// The links that are deployed, over connections: bytes arrive in order, or the connection breaks and everything in
    /// flight on it is lost together.
    case tcp
    /// Each message travels by itself: it may be lost, doubled, or overtake others.
    case datagram
}
