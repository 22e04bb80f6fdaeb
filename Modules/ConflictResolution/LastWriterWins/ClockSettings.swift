public import StatorCore

/// The settings of the resolvers that order versions by wall time: ``LastWriterWinsHLCResolver`` and
/// ``LastWriterWinsWallResolver``.
public struct ClockSettings: StrategySettings, Equatable {
    /// The largest skew between clocks that the cluster lives with.
    public var maximumSkew: Duration = .seconds(60)

    public init() {}

    public init(maximumSkew: Duration) {
        self.maximumSkew = maximumSkew
    }

    public static var fields: [SettingField<ClockSettings>] {
        [
            .milliseconds(
                "maximumSkewMilliseconds", \.maximumSkew, 1...86_400_000,
                "How far a timestamp may be from the clocks of the other nodes; a clock further off is not followed.")
        ]
    }
}
