/// How soon a membership strategy has to get there, in virtual time, in clusters of up to ten members with its default
/// settings. A strategy of slower settings is given wider bounds.
public struct MembershipLawBounds: Sendable {
    /// From a view's choice at one member until every connected member holds it, with a quarter of messages lost.
    public var convergence: Duration = .seconds(30)
    /// From a member's stop until every other one reports it dead, with a quarter of messages lost.
    public var detection: Duration = .seconds(30)
    /// From a member's return until everyone reports it alive.
    public var forgiveness: Duration = .seconds(30)
    /// The most bytes that a node of a settled cluster sends per second, at any size.
    public var bytesPerSecond = 64 << 10
    /// How many times the bytes per node may grow from 50 members to 400.
    public var growth = 4.0

    public init() {}
}
