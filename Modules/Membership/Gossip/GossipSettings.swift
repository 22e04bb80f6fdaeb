public import StatorCore

/// What the JSON of `gossip` may say.
public struct GossipSettings: StrategySettings, Hashable {
    public var interval: Duration = .milliseconds(500)
    public var fanout = 2
    public var entriesPerMessage = 128
    public var phiSuspected = 5.0
    public var phiDead = 10.0
    public var windowSize = 64
    public var minimumDeviation: Duration = .milliseconds(500)
    public var acceptablePause: Duration = .milliseconds(2000)

    public init() {}

    public static var fields: [SettingField<GossipSettings>] {
        [
            .milliseconds(
                "intervalMilliseconds", \.interval, 20...10_000,
                "how often a node raises its heartbeat and gossips, give or take a tenth"),
            .integer("fanout", \.fanout, 1...16, "how many members a node exchanges heartbeats with per interval"),
            .integer(
                "entriesPerMessage", \.entriesPerMessage, 8...2048,
                "heartbeats per message; a larger cluster takes turns, which slows detection but keeps traffic bounded"),
            .number("phiSuspected", \.phiSuspected, 0.5...32, "the suspicion level at which a member is suspected"),
            .number("phiDead", \.phiDead, 0.5...32, "the suspicion level at which a member counts as dead"),
            .integer("windowSize", \.windowSize, 4...1000, "heartbeat intervals remembered per member"),
            .milliseconds(
                "minimumDeviationMilliseconds", \.minimumDeviation, 1...60_000,
                "the least standard deviation assumed, so that a very regular member is not suspected at its first hiccup"
            ),
            .milliseconds(
                "acceptablePauseMilliseconds", \.acceptablePause, 0...600_000,
                "a silence beyond the usual that raises no suspicion, such as a long write to disk"),
        ]
    }

    public func problems() -> [SettingProblem] {
        guard phiDead <= phiSuspected else { return [] }
        return [
            SettingProblem(
                field: "phiDead", message: "is \(phiDead), it has to be above phiSuspected, which is \(phiSuspected)")
        ]
    }
}
